import { WALL_START_MS } from "./simulated-process.ts";
import type { World } from "./world.ts";

/** How long a forced failover's new holder is the only one who may renew. */
const FENCE_MS = 5_000;
/** The control record is written again so long after everything was lost. */
const REMEMBERS_AFTER_MS = 700;

/** What the console writes: whom it prefers, how many process, whom it fences off. */
export class SimulatedConsole {
  readonly #world: World;
  #mode: "active-standby" | "active-active";
  #preferred = 0;
  #generation = 0;
  #canary: { gateways: string[]; percent: number } | null = null;
  #paused = false;
  #acknowledged = 0;

  constructor(world: World) {
    this.#world = world;
    this.#mode = world.random.pick(["active-standby", "active-active"]);
  }

  /** One gateway is to hold everything. */
  get oneActive(): boolean {
    return this.#mode === "active-standby";
  }

  /** Automatic failover is: then no agent gives back what a dead gateway held. */
  get paused(): boolean {
    return this.#paused;
  }

  /** A gateway is to have so many percent of the shards; null: none has a share of its own any more. */
  tryOut(index: number, percent: number | null): void {
    this.#canary = percent === null ? null : { gateways: [`gw-${index}`], percent };
    this.#order();
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    this.#order();
  }

  acknowledge(): void {
    this.#acknowledged = this.#generation + 1;
    this.#order();
  }

  /** A switchover; `allowedMs` null: it dies before it has written the hand-over records. */
  prefer(index: number, allowedMs: number | null): void {
    const { shards, store } = this.#world;
    this.#preferred = index;
    this.#writeControl();
    for (let shard = 0; allowedMs !== null && shard < shards; shard++) {
      this.#world.act(store.writeHandover(shard, this.#handover(allowedMs)));
    }
    this.#world.wake();
  }

  switchMode(): void {
    this.#mode = this.#mode === "active-active" ? "active-standby" : "active-active";
    this.#order();
  }

  /** Takes every shard from a gateway, whatever it says, for another one. */
  fence(index: number): void {
    const { gateways, shards, store, laws, note } = this.#world;
    const { name } = gateways[index]!;
    this.#preferred = (index + 1) % gateways.length;
    this.#writeControl();
    for (let shard = 0; shard < shards; shard++) {
      this.#world.act(store.fence(shard, name, this.#handover(FENCE_MS)), (epoch) => {
        if (epoch === null) return;
        note?.(`${name} is fenced off shard ${shard}: epoch ${epoch}`);
        laws.fenced(shard, epoch);
      });
    }
    this.#world.wake();
  }

  /** The store has lost everything. */
  restore(): void {
    this.#world.timeline.after(REMEMBERS_AFTER_MS, () => this.#writeControl());
  }

  #order(): void {
    this.#writeControl();
    this.#world.wake();
  }

  #writeControl(): void {
    const { shards, store, note } = this.#world;
    this.#generation += 1;
    const canary = this.#canary === null ? "" : JSON.stringify(this.#canary);
    const more = `${canary === "" ? "" : `, canary ${canary}`}${this.#paused ? ", paused" : ""}`;
    note?.(`console: gw-${this.#preferred} preferred, ${this.#mode}${more}`);
    this.#world.act(
      store.writeControl({
        layout: "1",
        shards: String(shards),
        mode: this.#mode,
        actives: this.oneActive ? "1" : "8",
        preferred: JSON.stringify([`gw-${this.#preferred}`]),
        generation: String(this.#generation),
        operation: "",
        canary,
        paused: this.#paused ? "1" : "0",
        flapAcknowledged: String(this.#acknowledged),
      }),
    );
  }

  #handover(allowedMs: number) {
    const deadlineMs = Math.floor(WALL_START_MS + this.#world.timeline.nowMs + allowedMs);
    return { generation: this.#generation, to: `gw-${this.#preferred}`, deadlineMs };
  }
}
