import { OutboxRun, type OutboxRunDeps } from "../outbox/outbox-run.ts";
import type { Gate } from "../session/lanes.ts";
import type { Solitude } from "../session/solitude.ts";
import type { ShardGrant, ShardWork } from "../shard/shard-work.ts";
import { ShardRun, type ShardRunDeps } from "./shard-run.ts";

export interface ProcessorDeps {
  readonly run: Omit<ShardRunDeps, "gate" | "solitude" | "outboxFilled">;
  readonly outbox: OutboxRunDeps;
  /** Turns at once, over all shards. */
  readonly gate: Gate;
  readonly solitude: Solitude;
}

interface Held {
  readonly run: ShardRun;
  readonly outbox: OutboxRun;
}

/** Does the work of the shards this gateway holds; one run per grant, so that nothing of an old one is left in a new one. */
export class Processor implements ShardWork {
  readonly #deps: ProcessorDeps;
  readonly #held = new Map<number, Held>();

  constructor(deps: ProcessorDeps) {
    this.#deps = deps;
  }

  start(grant: ShardGrant): void {
    this.abort(grant.shard);
    const outbox = new OutboxRun(this.#deps.outbox, grant);
    const run = new ShardRun(
      {
        ...this.#deps.run,
        gate: this.#deps.gate,
        solitude: this.#deps.solitude,
        outboxFilled: () => outbox.look(),
      },
      grant,
    );
    this.#held.set(grant.shard, { run, outbox });
    run.start();
    void outbox.start();
  }

  /** Somebody else wrote into an outbox: an operator put a dead letter back. */
  lookAtOutboxes(): void {
    for (const { outbox } of this.#held.values()) outbox.look();
  }

  async cede(shard: number): Promise<void> {
    const held = this.#held.get(shard);
    if (held === undefined) return;
    await held.run.cede();
    // After the turns: their replies may still leave from here.
    await held.outbox.cede();
  }

  abort(shard: number): void {
    const held = this.#held.get(shard);
    if (held === undefined) return;
    this.#held.delete(shard);
    held.run.abort();
    held.outbox.abort();
  }

  inFlight(shard?: number): number {
    const all = shard === undefined ? [...this.#held.values()] : [this.#held.get(shard)];
    return all.reduce((sum, held) => sum + (held === undefined ? 0 : held.run.turns), 0);
  }
}
