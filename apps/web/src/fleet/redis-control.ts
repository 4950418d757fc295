import { readFileSync } from "node:fs";
import { type Control, controlSchema } from "@chela/shared/fleet/control";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";

export interface FleetPlace {
  readonly keyPrefix: string;
  readonly fleet: string;
}

export type Preferred =
  | { result: "done"; generation: number }
  | { result: "superseded"; generation: number }
  | { result: "missing" };

const script = (name: string) => readFileSync(new URL(`lua/${name}.lua`, import.meta.url), "utf8");
const SCRIPTS = {
  createControl: script("create-control"),
  prefer: script("prefer"),
  handover: script("handover"),
  fence: script("fence"),
};

/** What the console writes to Redis, beside dead letters (dead-letter/); each safe to repeat. The protocol: shared/lease/schema.ts. */
export class RedisControl {
  readonly #redis: Redis;
  readonly #place: FleetPlace;

  constructor(redis: Redis, place: FleetPlace) {
    this.#redis = redis;
    this.#place = place;
  }

  /** @returns false where a record stands already. */
  async create(control: Omit<Control, "operation">): Promise<boolean> {
    const { keyPrefix, fleet } = this.#place;
    const written = await this.#redis.eval(
      SCRIPTS.createControl,
      1,
      fleetKeys(keyPrefix, fleet).control,
      control.layout,
      control.shards,
      control.mode,
      control.actives,
      JSON.stringify(control.preferred),
      control.generation,
    );
    if (written === 1) await this.wake("control");
    return written === 1;
  }

  async read(): Promise<Control | null> {
    const { keyPrefix, fleet } = this.#place;
    const record = await this.#redis.hgetall(fleetKeys(keyPrefix, fleet).control);
    return Object.keys(record).length === 0 ? null : controlSchema.parse(record);
  }

  /**
   * Wakes nobody: the hand-over or fence that follows at once does, after the first look that its pause is measured
   * from. Should it never follow, the gateways see the preference at their next look.
   * @param operation an id that is used for this one write.
   */
  async prefer(
    sawGeneration: number,
    preferred: readonly string[],
    operation: string,
  ): Promise<Preferred> {
    const { keyPrefix, fleet } = this.#place;
    const [result, generation] = (await this.#redis.eval(
      SCRIPTS.prefer,
      1,
      fleetKeys(keyPrefix, fleet).control,
      sawGeneration,
      JSON.stringify(preferred),
      operation,
    )) as [Preferred["result"], number];
    if (result === "missing") return { result };
    return { result, generation };
  }

  async handover(
    shards: readonly number[],
    generation: number,
    to: string,
    allowedMs: number,
  ): Promise<void> {
    const { keyPrefix, fleet } = this.#place;
    await Promise.all(
      shards.map((shard) =>
        this.#redis.eval(
          SCRIPTS.handover,
          1,
          shardKeys(keyPrefix, fleet, shard).handover,
          generation,
          to,
          allowedMs,
        ),
      ),
    );
    await this.wake("handover");
  }

  /** @returns how many shards were taken from their holder. */
  async fence(
    shards: readonly { shard: number; holder: string; incarnation: string; epochSeen: number }[],
    generation: number,
    to: string,
    allowedMs: number,
  ): Promise<number> {
    const { keyPrefix, fleet } = this.#place;
    const fenced = await Promise.all(
      shards.map(({ shard, holder, incarnation, epochSeen }) => {
        const keys = shardKeys(keyPrefix, fleet, shard);
        return this.#redis.eval(
          SCRIPTS.fence,
          3,
          keys.lease,
          keys.epoch,
          keys.handover,
          holder,
          incarnation,
          epochSeen,
          generation,
          to,
          allowedMs,
        );
      }),
    );
    await this.wake("fence");
    return fenced.filter((answer) => answer === 1).length;
  }

  async wake(word: string): Promise<void> {
    const { keyPrefix, fleet } = this.#place;
    await this.#redis.publish(fleetKeys(keyPrefix, fleet).wake, word);
  }
}
