import { systemClock } from "@chela/shared/clock/system-clock";
import { shardKeys } from "@chela/shared/keys/keys";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import type { Sent } from "../channel/channel.ts";
import { Gate } from "../session/lanes.ts";
import { OutboxRun } from "./outbox-run.ts";
import { RedisOutbox } from "./redis-outbox.ts";

let server: TestRedis;
let redis: Redis;
let fleet = "";
let runs = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => {
  fleet = `fleet-${++runs}`;
});

const keys = () => shardKeys("openclaw:", fleet, 0);
const write = (session: string, message: string) =>
  redis.xadd(keys().outbox, "*", "channel", "vendor", "session", session, "message", message);
const left = () => redis.xlen(keys().outbox);

/** One holder's sending; `send` is the vendor. */
function holder(send: (message: string) => Promise<Sent>, isValid = () => true) {
  return new OutboxRun(
    {
      clock: systemClock,
      redisNowMs: () => Date.now(),
      gate: new Gate(16),
      outbound: (name) => (name === "vendor" ? { messages: () => [], send } : null),
      outbox: new RedisOutbox(redis, "openclaw:", fleet),
      onSend: () => {},
    },
    { shard: 0, epoch: 1, isValid },
  );
}

test("replies leave in order per session, a failing one holds up its own session only", async () => {
  const sent: string[] = [];
  const failing = new Map([["a1", 2]]);
  const run = holder(async (message) => {
    const failures = failing.get(message) ?? 0;
    failing.set(message, failures - 1);
    if (failures > 0) return { kind: "later", reason: "429", retryAfterMs: 20 };
    sent.push(message);
    return { kind: "sent" };
  });
  for (const message of ["a1", "a2", "b1", "a3", "b2"]) await write(message[0]!, message);
  run.look();
  await until("everything sent", async () => (await left()) === 0);
  expect(sent.filter((m) => m.startsWith("a"))).toEqual(["a1", "a2", "a3"]);
  expect(sent.filter((m) => m.startsWith("b"))).toEqual(["b1", "b2"]);
  expect(sent.indexOf("b1")).toBeLessThan(sent.indexOf("a1"));
  await write("a", "a4");
  run.look();
  await until("the next one", async () => (await left()) === 0);
  expect(sent.at(-1)).toBe("a4");
});

test("more than one reading's worth is sent whole", async () => {
  let count = 0;
  const run = holder(async () => {
    count += 1;
    return { kind: "sent" };
  });
  for (let n = 0; n < 730; n++) await write(`s${n % 7}`, String(n));
  run.look();
  await until("an empty outbox", async () => (await left()) === 0);
  expect(count).toBe(730);
});

test("what the vendor refuses, or nobody can send any more, stands among the dead letters", async () => {
  const run = holder(async () => ({ kind: "refused", reason: "blocked by the user" }));
  await write("a", "m");
  await redis.xadd(keys().outbox, "*", "channel", "gone", "session", "a", "message", "m2");
  run.look();
  await until("an empty outbox", async () => (await left()) === 0);
  const dead = (await redis.xrange(keys().dead, "-", "+")).map(([, fields]) => fields.join(" "));
  expect(dead).toHaveLength(2);
  expect(dead[0]).toContain("blocked by the user");
  expect(dead[1]).toContain("not configured any more");
});

test("ceding waits for the send on its way and leaves the rest to the next holder, each sent once", async () => {
  const sent: string[] = [];
  let finish = () => {};
  const first = holder((message) => {
    sent.push(message);
    return new Promise((resolve) => {
      finish = () => resolve({ kind: "sent" });
    });
  });
  await write("a", "1");
  await write("a", "2");
  first.look();
  await until("a send on its way", () => sent.length === 1);
  const ceded = first.cede();
  finish();
  await ceded;
  expect(await left()).toBe(1);
  const second = holder(async (message) => {
    sent.push(message);
    return { kind: "sent" };
  });
  second.look();
  await until("an empty outbox", async () => (await left()) === 0);
  expect(sent).toEqual(["1", "2"]);
});

test("nothing is sent once the lease may have ended", async () => {
  let asked = 0;
  const run = holder(
    async () => {
      asked += 1;
      return { kind: "sent" };
    },
    () => false,
  );
  await write("a", "1");
  run.look();
  await run.cede();
  expect(asked).toBe(0);
  expect(await left()).toBe(1);
});
