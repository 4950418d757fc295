import { readFileSync } from "node:fs";
import { type Control, controlSchema } from "@chela/shared/fleet/control";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import { StaleController } from "../controller/stale-controller.ts";

export interface FleetPlace {
  readonly keyPrefix: string;
  readonly fleet: string;
}

/**
 * What an order to the gateways changes. Every change is a command, so `preferred` is always given: with today's holders
 * first (failover/plan.ts, `holdersFirst`), or it moves shards. The rest stays as it is where it is left out.
 */
export type ControlChange = Pick<Control, "preferred"> &
  Partial<Pick<Control, "mode" | "actives" | "canary" | "paused" | "flapAcknowledged">>;

export type Changed =
  | { result: "done"; generation: number }
  | { result: "superseded"; generation: number }
  | { result: "missing" };

type FirstControl = Pick<
  Control,
  "layout" | "shards" | "mode" | "actives" | "preferred" | "generation" | "paused"
>;

const script = (name: string) => readFileSync(new URL(`lua/${name}.lua`, import.meta.url), "utf8");
const SCRIPTS = {
  createControl: script("create-control"),
  changeControl: script("change-control"),
  announceControl: script("announce-control"),
  announceShard: script("announce-shard"),
  handover: script("handover"),
  fence: script("fence"),
};
const STALE = -1;

/**
 * What the console writes to Redis, beside dead letters (dead-letter/); each safe to repeat. The protocol:
 * shared/lease/schema.ts. Every write carries the controller's epoch and throws `StaleController` where a later one
 * has written.
 */
export class RedisControl {
  readonly #redis: Redis;
  readonly #place: FleetPlace;
  readonly #epoch: () => number;

  /** @param epoch of the controller, see controller/acting.ts; throws where this console does not act. */
  constructor(redis: Redis, place: FleetPlace, epoch: () => number) {
    this.#redis = redis;
    this.#place = place;
    this.#epoch = epoch;
  }

  /** @returns false where a record stands already. */
  async create(control: FirstControl): Promise<boolean> {
    const written = await this.#redis.eval(
      SCRIPTS.createControl,
      1,
      this.#control,
      control.layout,
      control.shards,
      control.mode,
      control.actives,
      JSON.stringify(control.preferred),
      control.generation,
      control.paused ? "1" : "0",
      this.#epoch(),
    );
    if (written === 1) await this.wake("control");
    return written === 1;
  }

  async read(): Promise<Control | null> {
    const record = await this.#redis.hgetall(this.#control);
    return Object.keys(record).length === 0 ? null : controlSchema.parse(record);
  }

  /** Whoever acted before this controller is refused from now on. @throws StaleController */
  async announce(shards: number): Promise<void> {
    const { keyPrefix, fleet } = this.#place;
    const epoch = this.#epoch();
    const counts = await Promise.all([
      this.#redis.eval(SCRIPTS.announceControl, 1, this.#control, epoch),
      ...Array.from({ length: shards }, (_, shard) =>
        this.#redis.eval(
          SCRIPTS.announceShard,
          1,
          shardKeys(keyPrefix, fleet, shard).controller,
          epoch,
        ),
      ),
    ]);
    if (counts.some((count) => Number(count) > epoch)) throw new StaleController("Redis");
  }

  /**
   * Wakes nobody: the hand-over or fence that follows at once does, after the first look that its pause is measured
   * from. Where neither follows, `wake`; else the gateways see the change at their next look.
   * @param ref an id that is used for this one write.
   */
  async change(sawGeneration: number, change: ControlChange, ref: string): Promise<Changed> {
    const [result, generation] = (await this.#redis.eval(
      SCRIPTS.changeControl,
      1,
      this.#control,
      sawGeneration,
      ref,
      this.#epoch(),
      ...fieldsOf(change),
    )) as [Changed["result"] | "stale", number];
    if (result === "stale") throw new StaleController("Redis");
    return result === "missing" ? { result } : { result, generation };
  }

  async handover(
    shards: readonly number[],
    generation: number,
    to: string,
    allowedMs: number,
  ): Promise<void> {
    const { keyPrefix, fleet } = this.#place;
    const epoch = this.#epoch();
    const deadlines = await Promise.all(
      shards.map((shard) => {
        const keys = shardKeys(keyPrefix, fleet, shard);
        return this.#redis.eval(
          SCRIPTS.handover,
          2,
          keys.handover,
          keys.controller,
          generation,
          to,
          allowedMs,
          epoch,
        );
      }),
    );
    if (deadlines.includes(STALE)) throw new StaleController("Redis");
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
    const epoch = this.#epoch();
    const fenced = await Promise.all(
      shards.map(({ shard, holder, incarnation, epochSeen }) => {
        const keys = shardKeys(keyPrefix, fleet, shard);
        return this.#redis.eval(
          SCRIPTS.fence,
          4,
          keys.lease,
          keys.epoch,
          keys.handover,
          keys.controller,
          holder,
          incarnation,
          epochSeen,
          generation,
          to,
          allowedMs,
          epoch,
        );
      }),
    );
    if (fenced.includes(STALE)) throw new StaleController("Redis");
    await this.wake("fence");
    return fenced.filter((answer) => answer === 1).length;
  }

  async wake(word: string): Promise<void> {
    const { keyPrefix, fleet } = this.#place;
    await this.#redis.publish(fleetKeys(keyPrefix, fleet).wake, word);
  }

  get #control(): string {
    return fleetKeys(this.#place.keyPrefix, this.#place.fleet).control;
  }
}

/** As they stand in the record, see fleet/control.ts: all strings. */
function fieldsOf(change: ControlChange): string[] {
  const { preferred, mode, actives, canary, paused, flapAcknowledged } = change;
  return Object.entries({
    preferred: JSON.stringify(preferred),
    mode,
    actives: actives?.toString(),
    canary: canary === undefined ? undefined : canary === null ? "" : JSON.stringify(canary),
    paused: paused === undefined ? undefined : paused ? "1" : "0",
    flapAcknowledged: flapAcknowledged?.toString(),
  }).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
}
