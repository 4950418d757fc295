import { controlSchema } from "@chela/shared/fleet/control";
import type { RedisReading, ShardReading } from "@chela/shared/fleet/observation";
import type { RedisView } from "@chela/shared/fleet/view";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import { type Lease, leaseSchema, type Member, memberSchema } from "@chela/shared/lease/schema";
import type { Redis } from "ioredis";
import type { FleetPlace } from "./redis-control.ts";

const INFO_EVERY_MS = 2_000;

/** Looks at a fleet's records in Redis: one round trip, reads only. */
export class RedisFleetReader {
  readonly #redis: Redis;
  readonly #place: FleetPlace;
  readonly #shards: number;
  #info: Record<string, string> = {};
  #infoAtMs = Number.NEGATIVE_INFINITY;

  /** @param shards how many the fleet has. */
  constructor(redis: Redis, place: FleetPlace, shards: number) {
    this.#redis = redis;
    this.#place = place;
    this.#shards = shards;
  }

  /** Never throws: that Redis does not answer is an answer. */
  async read(wallMs: number): Promise<RedisReading> {
    const started = performance.now();
    try {
      if (wallMs - this.#infoAtMs >= INFO_EVERY_MS) {
        this.#info = parseInfo(await this.#redis.info());
        this.#infoAtMs = wallMs;
      }
      const { keyPrefix, fleet } = this.#place;
      const keys = fleetKeys(keyPrefix, fleet);
      const pipeline = this.#redis.pipeline().time().hgetall(keys.control).hgetall(keys.members);
      for (let shard = 0; shard < this.#shards; shard++) {
        const of = shardKeys(keyPrefix, fleet, shard);
        pipeline.hgetall(of.lease).zcount(of.sessions, wallMs, "+inf").xlen(of.inbox);
      }
      const answers = (await pipeline.exec()) ?? [];
      const failed = answers.find(([error]) => error !== null);
      if (failed) throw failed[0];
      const values = answers.map(([, value]) => value);
      const time = values[0] as [string, string] | [number, number];
      return {
        view: viewOf(this.#info, performance.now() - started, wallMs),
        nowMs: Number(time[0]) * 1000 + Math.floor(Number(time[1]) / 1000),
        control: isEmpty(values[1]) ? null : controlSchema.parse(values[1]),
        members: membersOf(values[2] as Record<string, string>),
        shards: Array.from({ length: this.#shards }, (_, shard): ShardReading => {
          const [lease, sessions, backlog] = values.slice(3 + shard * 3);
          return {
            shard,
            lease: leaseOf(lease),
            sessions: sessions as number,
            backlog: backlog as number,
          };
        }),
      };
    } catch (error) {
      return {
        view: {
          ...viewOf({}, null, wallMs),
          reachable: false,
          reason: error instanceof Error ? error.message : String(error),
        },
        nowMs: null,
        control: null,
        members: [],
        shards: [],
      };
    }
  }
}

const isEmpty = (hash: unknown) => Object.keys(hash as object).length === 0;

function leaseOf(hash: unknown): Lease | null {
  return leaseSchema.safeParse(hash).data ?? null;
}

/** A record that this version cannot read is somebody else's: it is left out, not a reason to see nothing. */
function membersOf(hash: Record<string, string>): Member[] {
  return Object.values(hash).flatMap((text) => {
    try {
      return [memberSchema.parse(JSON.parse(text))];
    } catch {
      return [];
    }
  });
}

function parseInfo(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(/\r?\n/)
      .filter((line) => line.includes(":"))
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
}

function viewOf(info: Record<string, string>, latencyMs: number | null, wallMs: number): RedisView {
  const figure = (name: string) => (info[name] === undefined ? null : Number(info[name]));
  return {
    reachable: true,
    reason: null,
    version: info["redis_version"] ?? null,
    role: info["role"] === "slave" ? "replica" : info["role"] === "master" ? "primary" : null,
    usedMemoryBytes: figure("used_memory"),
    connectedClients: figure("connected_clients"),
    opsPerSecond: figure("instantaneous_ops_per_sec"),
    latencyMs: latencyMs === null ? null : Math.round(latencyMs * 10) / 10,
    persistence:
      info["aof_enabled"] === undefined
        ? null
        : info["aof_enabled"] === "1"
          ? "append-only file"
          : "none: acknowledged webhooks are lost when Redis stops",
    observedAt: new Date(wallMs).toISOString(),
  };
}
