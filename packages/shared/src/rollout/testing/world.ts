import { LATENCY_BUCKETS_MS } from "../../fleet/latency-buckets.ts";
import type { Action, ActionResult } from "../../operation/action.ts";
import { rolloutOrders } from "../orders.ts";
import type { RolloutFacts, RolloutState } from "../state.ts";
import { advanceRollout } from "../transition.ts";
import { facts, gateway, NO_FIGURES } from "./fake-rollout.ts";

export interface WorldGateway {
  name: string;
  host: string;
  release: number;
  shards: number;
  draining: boolean;
  /** Release of the container beside the one that serves. */
  surge: number | null;
  /** That one holds the shards already: of two incarnations of one name the later start takes over. */
  given: boolean;
  up: boolean;
  starts: number;
  requests: number;
  failed: number;
}

/** What a release is like. */
export type Nature = "good" | "never-healthy" | "answers-errors" | "dies" | "slow";

const TICK_MS = 100;
const TICKS_MAX = 20_000;
const PER_TICK = 7;

/** A fleet that does what it is told, after a while; says what happened, in order, and breaks no rule unnoticed. */
export class World {
  readonly gateways: WorldGateway[];
  readonly natures: Record<number, Nature> = {};
  readonly said: string[] = [];
  readonly broken: string[] = [];
  readonly mode: RolloutFacts["mode"];
  state: RolloutState;
  nowMs = 0;
  generation = 1;
  canary: { gateways: string[]; percent: number } | null = null;
  /** Actions of this gateway that never succeed. */
  refusing: string | null = null;
  /** It does not hear that it shall drain. */
  undrainable: string | null = null;
  /** Longest an action takes; varies by its key. */
  slowness = 300;
  #references = new Set<string>();
  #tasks = new Map<string, { atMs: number; action: Action; result: ActionResult | null }>();

  constructor(
    state: RolloutState,
    gateways: readonly (Partial<WorldGateway> & { name: string })[],
    mode: RolloutFacts["mode"] = "active-standby",
  ) {
    this.state = state;
    this.mode = mode;
    this.gateways = gateways.map((each) => ({
      host: "local",
      release: state.from.number,
      shards: 0,
      draining: false,
      surge: null,
      given: false,
      up: true,
      starts: 1,
      requests: 0,
      failed: 0,
      ...each,
    }));
  }

  named(name: string): WorldGateway {
    return this.gateways.find((each) => each.name === name)!;
  }

  healthy = (each: WorldGateway): boolean =>
    each.up && this.natures[each.release] !== "never-healthy";

  facts(): RolloutFacts {
    return facts(
      this.gateways.map((each) =>
        gateway(each.name, {
          host: each.host,
          healthy: this.healthy(each),
          reason: this.healthy(each) ? null : "Not ready: no-assistant.",
          draining: each.draining,
          shards: each.shards,
          release: each.release,
          observedAtMs: this.nowMs,
          figures: {
            ...NO_FIGURES,
            startedAt: String(each.starts),
            running: each.up,
            restarts: each.starts,
            counts: {
              ...{ accepted: each.requests - each.failed, duplicates: 0, rejected: 0 },
              ...{ unavailable: 0, faults: each.failed, turnsDone: 0, turnsFailed: 0 },
              acceptMs: LATENCY_BUCKETS_MS.map((ms) =>
                ms === this.#answersIn(each) ? each.requests : 0,
              ),
              turnMs: [],
            },
          },
        }),
      ),
      { mode: this.mode, generation: this.generation, preferred: [] },
    );
  }

  #answersIn = (each: WorldGateway): number => (this.natures[each.release] === "slow" ? 1_000 : 5);

  /** Until it is over; `each` may interfere. */
  run(each: (world: World, tick: number) => void = () => {}): RolloutState {
    for (let tick = 0; tick < TICKS_MAX; tick++) {
      each(this, tick);
      this.step();
      if (this.state.phase.at === "over") return this.state;
    }
    throw new Error(`it never ended: ${JSON.stringify({ ...this.state, steps: [], watch: null })}`);
  }

  /** Everything that can be decided, then a tenth of a second of work. */
  step(): void {
    const results = new Map<string, ActionResult>();
    for (const [key, { result }] of this.#tasks) if (result !== null) results.set(key, result);
    for (let turn = 0; ; turn++) {
      const next = advanceRollout(this.state, this.facts(), results, this.nowMs);
      if (next === this.state) break;
      if (turn > 200) throw new Error("it never comes to rest");
      this.state = next;
    }
    this.#order();
    this.nowMs += TICK_MS;
    for (const each of this.gateways) this.#serve(each);
    for (const [key, task] of this.#tasks) {
      if (task.result === null && task.atMs <= this.nowMs) {
        task.result = this.#do(task.action);
        this.said.push(`${key} ${task.result.ok ? "ok" : task.result.reason}`);
      }
    }
    this.#check();
  }

  #order(): void {
    const orders = rolloutOrders(this.state, "op", (to) => [to]);
    for (const [key, task] of this.#tasks) {
      if (orders.some((order) => order.key === key)) continue;
      // It was on its way already: nobody waits for it any more, and it happens all the same.
      if (task.result === null && task.action.type === "drain") this.#do(task.action);
      this.#tasks.delete(key);
    }
    for (const { key, action } of orders) {
      if (this.#tasks.has(key)) continue;
      const tookMs = 50 + ((key.length * 7_919 + this.nowMs) % Math.max(1, this.slowness));
      this.#tasks.set(key, { atMs: this.nowMs + tookMs, action, result: null });
      if (action.type === "drain") this.named(action.gateway).draining = true;
    }
  }

  #serve(each: WorldGateway): void {
    if (!this.healthy(each)) return;
    each.requests += PER_TICK;
    if (this.natures[each.release] === "answers-errors") each.failed += PER_TICK;
    if (this.natures[each.release] === "dies" && each.requests > 30) {
      each.starts += 1;
      each.requests = 0;
    }
  }

  #do(action: Action): ActionResult {
    const ok: ActionResult = { ok: true, detail: null };
    const no = (reason: string): ActionResult => ({ ok: false, reason, message: `${reason}.` });
    if ("gateway" in action && action.gateway === this.refusing) return no("no-answer");
    const mine = "gateway" in action ? this.named(action.gateway) : null;
    switch (action.type) {
      case "prefer":
      case "canary":
        if (this.#references.has(action.ref)) return ok;
        if (action.generation !== this.generation) return no("superseded");
        this.generation += 1;
        this.#references.add(action.ref);
        if (action.type === "canary") {
          const { gateways, percent } = action;
          this.canary = percent === null ? null : { gateways, percent };
        }
        return ok;
      case "handover":
        this.activate(action.to);
        return ok;
      case "drain":
        if (mine!.name === this.undrainable) return no("no-answer");
        mine!.draining = true;
        return this.#moveOff(mine!) ? ok : no("holds-shards");
      case "undrain":
        mine!.draining = false;
        return ok;
      case "replace":
        if (action.drained && mine!.shards > 0) return no("holds-shards");
        if (!action.drained && !action.urgent) this.broken.push(`${mine!.name} was not asked`);
        this.#moveOff(mine!);
        this.#start(mine!, action.release);
        return ok;
      case "surge":
        mine!.surge = action.release;
        return ok;
      case "take-over":
        if (mine!.shards > 0 && !mine!.given) return no("holds-shards");
        if (mine!.surge !== action.release)
          this.broken.push(`${mine!.name} has no container beside`);
        this.#start(mine!, action.release);
        Object.assign(mine!, { surge: null, given: false });
        return ok;
      case "unsurge":
        Object.assign(mine!, { surge: null, given: false });
        return ok;
      case "healthy": {
        const release = action.surge === true ? mine!.surge! : mine!.release;
        return this.natures[release] === "never-healthy" ? no("not-healthy") : ok;
      }
      default:
        return ok;
    }
  }

  #start(each: WorldGateway, release: number): void {
    Object.assign(each, { release, draining: false, up: true, requests: 0, failed: 0 });
    each.starts += 1;
  }

  /** Its shards go to the others, as the gateways do by themselves. */
  #moveOff(each: WorldGateway): boolean {
    const others = this.gateways.filter(
      (other) => other !== each && this.healthy(other) && !other.draining,
    );
    const [first] = others;
    if (first === undefined) {
      each.given = each.surge !== null;
      return each.shards === 0 || each.given;
    }
    first.shards += each.shards;
    each.shards = 0;
    return true;
  }

  /** It holds everything from now on: a hand-over, or a failover that nobody ordered. */
  activate(name: string): void {
    const total = this.gateways.reduce((sum, { shards }) => sum + shards, 0);
    for (const each of this.gateways) each.shards = each.name === name ? total : 0;
  }

  #check(): void {
    const { strategy, lanes, floor, cause } = this.state;
    const bad = new Set([
      ...(cause?.bad ?? []),
      ...lanes.filter(({ urgent }) => urgent).map((lane) => lane.gateway),
    ]);
    const out = this.gateways.filter((each) => each.draining && !bad.has(each.name));
    const spared = strategy.order === "startFirst" ? strategy.batchSize : strategy.maxUnavailable;
    if (out.length > spared) this.broken.push(`${out.map(({ name }) => name)} are out together`);
    const serving = this.gateways.filter((each) => this.healthy(each) && !each.draining);
    const failed = this.gateways.filter((each) => !this.healthy(each)).length;
    if (strategy.order === "stopFirst" && failed === 0 && serving.length < floor) {
      this.broken.push(`${serving.length} serve, the floor is ${floor}`);
    }
  }
}
