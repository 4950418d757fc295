import { systemClock } from "@chela/shared/clock/system-clock";
import { shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import type { Redis } from "ioredis";
import { until } from "../../../../e2e/harness/wait.ts";
import type { GatewayProcess } from "./gateway-process.ts";

const SHARDS = 16;
const SESSIONS = ["ada", "bob", "cyd", "dan", "eve", "fay"];

/** Every session is sent one numbered message after the other; as a vendor does, each until it is taken. */
export class SteadyTraffic {
  readonly #taken = new Map<string, number>();
  readonly #gateways: readonly GatewayProcess[];
  #on = true;
  readonly #running: Promise<unknown>;

  constructor(gateways: readonly GatewayProcess[]) {
    this.#gateways = gateways;
    this.#running = Promise.all(SESSIONS.map((session, index) => this.#run(session, index)));
  }

  async #run(session: string, index: number): Promise<void> {
    for (let n = 0; this.#on; n++) {
      let tries = index;
      await until(
        `${session} ${n} taken`,
        async () => {
          const gateway = this.#gateways[(n + tries++) % this.#gateways.length]!;
          const answer = await gateway
            .send(`${session}-${n}`, session, String(n))
            .catch(() => null);
          return answer?.status === 200;
        },
        { timeoutMs: 45_000, everyMs: 50 },
      );
      this.#taken.set(session, n + 1);
      await systemClock.sleep(20);
    }
  }

  /** Every session gets `count` more. */
  async more(count: number): Promise<void> {
    const goals = SESSIONS.map((session) => (this.#taken.get(session) ?? 0) + count);
    await until(
      `${count} more in every session`,
      () => SESSIONS.every((session, index) => (this.#taken.get(session) ?? 0) >= goals[index]!),
      { timeoutMs: 45_000 },
    );
  }

  async end(): Promise<void> {
    this.#on = false;
    await this.#running;
  }

  /** What every session must show in the end: each message once and in order, each with its answer. */
  expected(): Record<string, string[]> {
    return Object.fromEntries(
      SESSIONS.map((session) => [
        session,
        Array.from({ length: this.#taken.get(session) ?? 0 }, (_, n) => [
          `user: ${n}`,
          `assistant: echo: ${n}`,
        ]).flat(),
      ]),
    );
  }
}

/** What stands in the sessions, once there is as much as expected: `user: text`, `assistant: text`, … */
export async function histories(
  redis: Redis,
  fleet: string,
  expected: Record<string, string[]>,
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const [session, messages] of Object.entries(expected)) {
    const key = `generic:${session}`;
    const { history } = shardKeys("openclaw:", fleet, shardOf(key, SHARDS));
    await until(
      `${session} answered`,
      async () => (await redis.xlen(history(key))) >= messages.length,
    );
    const entries = await redis.xrange(history(key), "-", "+");
    found[session] = entries.map(([, fields]) => `${fields[1]}: ${fields[3]}`);
  }
  return found;
}
