import { fleetKeys, type ShardKeys, shardKeys } from "@chela/shared/keys/keys";
import { MOVES_KEPT, movesFrom } from "@chela/shared/lease/flapping";
import { handoverSchema, leaseSchema, memberField, memberSchema } from "@chela/shared/lease/schema";
import type { Redis } from "ioredis";
import { type Durability, onPrimary } from "../redis/redis-durability.ts";
import { Script } from "../redis/redis-script.ts";
import type { Acquired, LeaseStore, Observation, Pulse, Renewed, SeenMember } from "./store.ts";

const heartbeat = new Script(new URL("./lua/heartbeat.lua", import.meta.url));
const acquire = new Script(new URL("./lua/acquire.lua", import.meta.url));
const renew = new Script(new URL("./lua/renew.lua", import.meta.url));
const release = new Script(new URL("./lua/release.lua", import.meta.url));

const ACQUIRED: Record<number, "changed" | "superseded"> = { 0: "changed", [-1]: "superseded" };
const RENEWED: Record<number, Renewed["outcome"]> = { 1: "renewed", 0: "lost", [-1]: "overdue" };

export interface RedisLeaseStoreDeps {
  /** A command connection of its own, so that ingest's load never delays a renewal. */
  redis: Redis;
  prefix: string;
  fleet: string;
  name: string;
  incarnation: string;
  /** When a lease counts as granted or renewed; by default once Redis says so. */
  durable?: Durability;
}

/** The lease store on a single Redis or one behind Sentinel. */
export function createRedisLeaseStore(deps: RedisLeaseStoreDeps): LeaseStore {
  const { redis, prefix, fleet, name, incarnation, durable = onPrimary(redis) } = deps;
  const keys = fleetKeys(prefix, fleet);
  const shards = new Map<number, ShardKeys>();
  const of = (shard: number) => {
    const known = shards.get(shard) ?? shardKeys(prefix, fleet, shard);
    shards.set(shard, known);
    return known;
  };

  return {
    async readControl() {
      const control = await redis.hgetall(keys.control);
      return control["generation"] === undefined ? null : control;
    },

    async observe(count) {
      const batch = redis.pipeline().hgetall(keys.members);
      for (let shard = 0; shard < count; shard++) {
        batch.hgetall(of(shard).lease).hgetall(of(shard).handover).get(of(shard).epoch);
      }
      // The control record last: it is then at least as new as every lease and hand-over read before it, and
      // nobody takes a switchover half seen for one that was given up.
      const replies = await batch.hgetall(keys.control).exec();
      const answers = (replies ?? []).map(([error, reply]) => {
        if (error !== null) throw error;
        return reply;
      });
      if (answers.length !== 3 * count + 2) throw new Error("Redis answered in part");
      const hash = (index: number) => answers[index] as Record<string, string>;
      const perShard = <T>(read: (first: number) => T) =>
        Array.from({ length: count }, (_, shard) => read(1 + 3 * shard));
      const control = hash(answers.length - 1);
      return {
        control: control["generation"] === undefined ? null : control,
        members: membersFrom(hash(0)),
        leases: perShard((first) => parsed(leaseSchema, hash(first))),
        handovers: perShard((first) => parsed(handoverSchema, hash(first + 1))),
        moves: perShard((first) => movesFrom(hash(first + 1)["moves"])),
        epochs: perShard((first) => {
          const epoch = answers[first + 2];
          return epoch === null ? null : Number(epoch);
        }),
      } satisfies Observation;
    },

    async heartbeat(report, dead) {
      const { since, ...record } = report;
      const pairs = dead.flatMap((d) => [memberField(d.member.name, d.member.incarnation), d.text]);
      const [redisMs, runId] = (await heartbeat.run(
        redis,
        [keys.members],
        [memberField(name, incarnation), JSON.stringify(record), since ?? "", ...pairs],
      )) as [string, string];
      return { redisMs: Number(redisMs), runId } satisfies Pulse;
    },

    acquire: (requests) =>
      answered(
        requests.map(
          async ({ shard, observed, highestEpochSeen, generation }): Promise<Acquired> => {
            const k = of(shard);
            const seen =
              observed === null
                ? ["", "", "", ""]
                : [observed.holder, observed.incarnation, observed.epoch, observed.beat];
            const [code, epoch] = (await durable.run(
              acquire,
              [k.lease, k.epoch, k.handover],
              [name, incarnation, highestEpochSeen, generation, ...seen],
              k.mark,
            )) as [number, number];
            return code === 1
              ? { shard, outcome: "granted", epoch }
              : { shard, outcome: ACQUIRED[code]! };
          },
        ),
      ),

    renew: (requests) =>
      answered(
        requests.map(async ({ shard, epoch, generation }) => {
          const k = of(shard);
          const args = [name, incarnation, epoch, generation];
          const code = (await durable.run(renew, [k.lease, k.handover], args, k.mark)) as number;
          return { shard, outcome: RENEWED[code]! };
        }),
      ),

    async release(requests) {
      await answered(
        requests.map(({ shard, epoch, movedUnder }) =>
          release.run(
            redis,
            [of(shard).lease, of(shard).handover],
            [name, incarnation, epoch, keys.wake, movedUnder ?? "", MOVES_KEPT],
          ),
        ),
      );
    },

    async leave() {
      await redis.hdel(keys.members, memberField(name, incarnation));
      await redis.publish(keys.wake, "left");
    },
  };
}

/** Each shard's answer stands for itself: one that failed must not hide what Redis granted for the others. */
async function answered<T>(calls: Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(calls);
  const values = results.flatMap((r) => (r.status === "fulfilled" ? [r.value] : []));
  const failed = results.find((r) => r.status === "rejected");
  if (failed !== undefined && values.length === 0) throw failed.reason;
  return values;
}

/** Absent is null, and so is a record that cannot be read: a gateway that writes nonsense is not there. */
function parsed<T>(
  schema: { safeParse(value: unknown): { success: boolean; data?: T } },
  hash: Record<string, string>,
): T | null {
  const result = schema.safeParse(hash);
  return result.success ? (result.data as T) : null;
}

function membersFrom(hash: Record<string, string>): SeenMember[] {
  const members: SeenMember[] = [];
  for (const text of Object.values(hash)) {
    try {
      members.push({ member: memberSchema.parse(JSON.parse(text)), text });
    } catch {
      // Not a member record.
    }
  }
  return members;
}
