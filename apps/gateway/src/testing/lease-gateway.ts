import { systemClock } from "@chela/shared/clock/system-clock";
import { Redis } from "ioredis";
import type { LeaseLoop, LeaseLoopDeps } from "../lease/lease-loop.ts";
import { createRedisLeaseLoop } from "../lease/redis-lease-loop.ts";
import type { ShardGrant } from "../shard/shard-work.ts";

export interface LeaseGatewayOptions {
  readonly url: string;
  readonly prefix: string;
  readonly fleet: string;
  readonly name: string;
  readonly incarnation?: string;
  readonly weight?: number;
  readonly times?: LeaseLoopDeps["times"];
}

/** A gateway whose work is only counted; `freeze` stands for SIGSTOP: nothing of it runs, its clock goes on. */
export class LeaseGateway {
  readonly grants = new Map<number, ShardGrant>();
  readonly grantedAt: number[] = [];
  readonly busy = new Set<number>();
  assistantUp = true;
  readonly loop: LeaseLoop;
  readonly #connections: Redis[];
  #thaw: Promise<void> = Promise.resolve();

  constructor({ url, prefix, fleet, name, incarnation, weight = 1, times }: LeaseGatewayOptions) {
    const options = {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: () => 20,
    };
    const connections = [
      new Redis(url, { ...options, commandTimeout: 500 }),
      new Redis(url, options),
    ] as const;
    this.#connections = [...connections];
    for (const connection of connections) connection.on("error", () => {});
    this.loop = createRedisLeaseLoop({
      redis: connections[0],
      subscriber: connections[1],
      prefix,
      fleet,
      name,
      incarnation: incarnation ?? `${name}-a`,
      version: "test",
      weight,
      ...(times !== undefined && { times }),
      work: {
        start: (grant) => {
          this.grants.set(grant.shard, grant);
          this.grantedAt.push(performance.now());
        },
        cede: (shard) => (this.busy.has(shard) ? new Promise(() => {}) : Promise.resolve()),
        abort: (shard) => {
          this.grants.delete(shard);
        },
        inFlight: () => this.busy.size,
      },
      assistantUp: () => this.assistantUp,
      clock: {
        ...systemClock,
        sleep: async (ms, signal) => {
          await systemClock.sleep(ms, signal);
          await this.#thaw;
        },
      },
      log: { info() {}, warn() {} },
    });
    this.loop.start();
  }

  resume = () => {};
  freeze() {
    this.#thaw = new Promise((resolve) => {
      this.resume = resolve;
    });
  }

  valid = () => [...this.grants.values()].filter((grant) => grant.isValid()).length;
  cut = () => {
    for (const connection of this.#connections) connection.disconnect();
  };
  async end(): Promise<void> {
    this.resume();
    await this.loop.stop(100).finally(this.cut);
  }
}

/** Looks at every turn of the event loop until told to stop: the most holders of one shard at any moment. */
export function watchHolders(shards: number, ...watched: LeaseGateway[]) {
  let most = 0;
  let on = true;
  const look = () => {
    for (let shard = 0; shard < shards; shard++) {
      const holders = watched.filter((g) => g.grants.get(shard)?.isValid()).length;
      most = Math.max(most, holders);
    }
    if (on) setImmediate(look);
  };
  look();
  return () => {
    on = false;
    return most;
  };
}
