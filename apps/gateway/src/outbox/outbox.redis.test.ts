import type { Clock } from "@chela/shared/clock/clock";
import { systemClock } from "@chela/shared/clock/system-clock";
import { shardKeys } from "@chela/shared/keys/keys";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import type { Resend, Sent } from "../channel/channel.ts";
import { Gate } from "../session/lanes.ts";
import type { SendEvent } from "./delivery.ts";
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
const claims = () => redis.hgetall(keys().claims);
const dead = async () =>
  (await redis.xrange(keys().dead, "-", "+")).map(([, fields]) => {
    const pairs = fields.flatMap((name, n) => (n % 2 === 0 ? [[name, fields[n + 1]]] : []));
    return Object.fromEntries(pairs) as Record<string, string>;
  });
const never = () => new Promise<Sent>(() => {});

/** Redis, with a word after each script's answer and before its caller hears it. */
function seen(onAnswer: () => unknown): Redis {
  return new Proxy(redis, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name !== "evalsha" && name !== "eval") return value.bind?.(target) ?? value;
      return async (...args: unknown[]) => {
        const answer = await value.apply(target, args);
        await onAnswer();
        return answer;
      };
    },
  });
}

interface Place {
  readonly epoch?: number;
  readonly isValid?: () => boolean;
  readonly resend?: Resend;
  readonly gate?: Gate;
  /** Redis as this holder sees it. */
  readonly through?: Redis;
  readonly redisNowMs?: () => number;
  readonly clock?: Clock;
}

/** One holder's sending, with the lease; `send` is the vendor. */
async function holder(send: (message: string) => Promise<Sent>, place: Place = {}) {
  const { epoch = 1, isValid = () => true, resend = "repeat", through = redis } = place;
  const gateway = `gw-${epoch}`;
  await redis.hset(keys().lease, { holder: gateway, incarnation: "i", epoch, beat: 1 });
  const events: SendEvent[] = [];
  const run = new OutboxRun(
    {
      clock: place.clock ?? systemClock,
      redisNowMs: place.redisNowMs ?? (() => Date.now()),
      gate: place.gate ?? new Gate(16),
      outbound: (name) =>
        name === "vendor" ? { messages: () => [], send, resend: () => resend } : null,
      outbox: new RedisOutbox(through, { prefix: "openclaw:", fleet, gateway, incarnation: "i" }),
      onSend: (_channel, event) => events.push(event),
    },
    { shard: 0, epoch, isValid },
  );
  return Object.assign(run, { events });
}

test("replies leave in order per session, a failing one holds up its own session only", async () => {
  const sent: string[] = [];
  const failing = new Map([["a1", 2]]);
  const run = await holder(async (message) => {
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

test("sessions that wait for their next attempt take up no place: others are sent meanwhile", async () => {
  const sent: string[] = [];
  const run = await holder(
    async (message) => {
      if (message.startsWith("stuck")) {
        return { kind: "later", reason: "429", retryAfterMs: 600_000 };
      }
      sent.push(message);
      return { kind: "sent" };
    },
    { gate: new Gate(2) },
  );
  for (let n = 0; n < 40; n++) await write(`stuck-${n % 20}`, `stuck-${n}`);
  for (let n = 0; n < 10; n++) await write("fine", String(n));
  run.look();
  await until("the others' replies", () => sent.length === 10);
  expect(sent).toEqual(Array.from({ length: 10 }, (_, n) => String(n)));
  expect(await left()).toBe(40);
  run.abort();
});

test("a backlog of thousands is sent whole, each once, in order, and leaves no claim behind", async () => {
  const sent: string[] = [];
  const run = await holder(async (message) => {
    sent.push(message);
    return { kind: "sent" };
  });
  const batch = redis.pipeline();
  for (let n = 0; n < 5_000; n++) {
    const fields = ["channel", "vendor", "session", `s${n % 50}`, "message", `${n % 50} ${n}`];
    batch.xadd(keys().outbox, "*", ...fields);
  }
  await batch.exec();
  void run.start();
  await until("an empty outbox", async () => (await left()) === 0);
  expect(sent).toHaveLength(5_000);
  for (let s = 0; s < 50; s++) {
    const own = sent.filter((m) => m.startsWith(`${s} `)).map((m) => Number(m.split(" ")[1]));
    expect(own).toEqual(Array.from({ length: 100 }, (_, n) => n * 50 + s));
  }
  expect(await claims()).toEqual({});
  run.abort();
});

test("what the vendor refuses, or nobody can send any more, stands among the dead letters", async () => {
  const run = await holder(async () => ({ kind: "refused", reason: "blocked by the user" }));
  await write("a", "m");
  await redis.xadd(keys().outbox, "*", "channel", "gone", "session", "a", "message", "m2");
  run.look();
  await until("an empty outbox", async () => (await left()) === 0);
  expect(await dead()).toEqual([
    {
      ...{ kind: "outbox", reason: "refused", detail: "blocked by the user" },
      ...{ channel: "vendor", session: "a", message: "m" },
    },
    {
      ...{ kind: "outbox", reason: "channel-gone", detail: "gone is not configured" },
      ...{ channel: "gone", session: "a", message: "m2" },
    },
  ]);
});

test("a reply older than a day is given up instead of being tried again", async () => {
  let later = 0;
  const run = await holder(
    async () => {
      later += 25 * 3_600_000;
      return { kind: "later", reason: "503", retryAfterMs: 1 };
    },
    { redisNowMs: () => Date.now() + later },
  );
  await write("a", "old");
  run.look();
  await until("an empty outbox", async () => (await left()) === 0);
  expect(await dead()).toMatchObject([{ reason: "too-old", detail: "503", message: "old" }]);
});

test("ceding waits for the send on its way and leaves the rest to the next holder, each sent once", async () => {
  const sent: string[] = [];
  let finish = () => {};
  const first = await holder((message) => {
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
  const send = async (message: string): Promise<Sent> => {
    sent.push(message);
    return { kind: "sent" };
  };
  const second = await holder(send, { epoch: 2, resend: "give-up" });
  second.look();
  await until("an empty outbox", async () => (await left()) === 0);
  expect(sent).toEqual(["1", "2"]);
  expect(await dead()).toEqual([]);
});

test("nothing is sent once the lease may have ended", async () => {
  let asked = 0;
  const run = await holder(
    async () => {
      asked += 1;
      return { kind: "sent" };
    },
    { isValid: () => false },
  );
  await write("a", "1");
  run.look();
  await run.cede();
  expect(asked).toBe(0);
  expect(await left()).toBe(1);
});

// ⚑ The lease ends while the claim is on its way to Redis and back: a pause of the process, a slow network.
test("a holder paused past its lease between claim and send does not send, and takes its claim back", async () => {
  const asked: string[] = [];
  const send = async (message: string): Promise<Sent> => {
    asked.push(message);
    return { kind: "sent" };
  };
  const paused = await holder(send, {
    // Valid until the claim stands.
    isValid: () => !claimed,
    through: seen(async () => {
      claimed ||= (await redis.hlen(keys().claims)) > 0;
    }),
  });
  let claimed = false;
  await write("a", "1");
  paused.look();
  await until(
    "the claim taken back",
    async () => claimed && Object.keys(await claims()).length === 0,
  );
  expect(asked).toEqual([]);
  // To the next holder it is a reply like any other, also where an unknown outcome would mean giving it up.
  const next = await holder(send, { epoch: 2, resend: "give-up" });
  next.look();
  await until("an empty outbox", async () => (await left()) === 0);
  expect(asked).toEqual(["1"]);
  paused.abort();
});

test("a claim by an old epoch, holder or incarnation is refused, and nothing is sent", async () => {
  const identity = { prefix: "openclaw:", fleet, gateway: "gw-1", incarnation: "i" };
  const outbox = new RedisOutbox(redis, identity);
  const id = (await write("a", "1"))!;
  for (const change of [{ epoch: 2 }, { holder: "gw-2" }, { incarnation: "restarted" }]) {
    await redis.hset(keys().lease, { holder: "gw-1", incarnation: "i", epoch: 1, ...change });
    expect(await outbox.claim({ shard: 0, epoch: 1 }, [id])).toEqual([{ kind: "fenced" }]);
  }
  const asked: string[] = [];
  let answers = 0;
  const old = await holder(
    async (message) => {
      asked.push(message);
      return { kind: "sent" };
    },
    { through: seen(() => answers++) },
  );
  await redis.hset(keys().lease, { holder: "gw-2", epoch: 2 });
  old.look();
  await until("the refusal", () => answers > 0);
  await old.cede();
  expect(asked).toEqual([]);
  expect(await claims()).toEqual({});
  expect(await left()).toBe(1);
});

test.each([
  ["repeat", ["m"], []],
  ["give-up", [], ["m"]],
] as const)(
  "a holder that ends between claim and send: to the next one a send may have begun (%s)",
  async (resend, said, lost) => {
    const id = (await write("a", "m"))!;
    await redis.hset(keys().lease, { holder: "gw-1", incarnation: "i", epoch: 1 });
    const identity = { prefix: "openclaw:", fleet, gateway: "gw-1", incarnation: "i" };
    expect(await new RedisOutbox(redis, identity).claim({ shard: 0, epoch: 1 }, [id])).toEqual([
      { kind: "claimed", epoch: 1, message: "m" },
    ]);
    const asked: string[] = [];
    const send = async (message: string): Promise<Sent> => {
      asked.push(message);
      return { kind: "sent" };
    };
    const next = await holder(send, { epoch: 2, resend });
    next.look();
    await until("an empty outbox", async () => (await left()) === 0);
    expect(asked).toEqual(said);
    expect(await dead()).toMatchObject(
      lost.map((message) => ({ reason: "outcome-unknown", message })),
    );
  },
);

test.each([
  ["repeat", ["m", "m", "n"], []],
  ["give-up", ["m", "n"], ["m"]],
] as const)(
  "a holder that ends between send and settle: %s as the channel says, and the session goes on",
  async (resend, said, lost) => {
    const asked: string[] = [];
    const crashing = await holder((message) => {
      asked.push(message);
      return never();
    });
    await write("a", "m");
    await write("a", "n");
    crashing.look();
    await until("a send on its way", () => asked.length === 1);
    // As after SIGKILL: nothing of it is ever heard again, its claim stands.
    const send = async (message: string): Promise<Sent> => {
      asked.push(message);
      return { kind: "sent" };
    };
    const next = await holder(send, { epoch: 2, resend });
    next.look();
    await until("an empty outbox", async () => (await left()) === 0);
    expect(asked).toEqual(said);
    expect(await dead()).toMatchObject(
      lost.map((message) => ({ reason: "outcome-unknown", message })),
    );
    expect(await claims()).toEqual({});
  },
);

test.each([
  ["repeat", 2, []],
  ["give-up", 1, ["m"]],
] as const)("a send without an answer: %s as the channel says", async (resend, times, lost) => {
  let asked = 0;
  const run = await holder(
    async () => {
      asked += 1;
      return asked === 1 ? { kind: "unknown", reason: "no answer" } : { kind: "sent" };
    },
    { resend },
  );
  await write("a", "m");
  run.look();
  await until("an empty outbox", async () => (await left()) === 0);
  expect(asked).toBe(times);
  expect(await dead()).toMatchObject(
    lost.map((message) => ({ reason: "outcome-unknown", detail: "no answer", message })),
  );
});

test("what was certainly not taken is no unknown outcome: a crash while waiting for the next attempt loses nothing", async () => {
  const first = await holder(
    async () => ({ kind: "later", reason: "429", retryAfterMs: 600_000 }),
    {
      resend: "give-up",
    },
  );
  await write("a", "m");
  first.look();
  await until("an attempt", () => first.events.length === 1);
  expect(await claims()).toEqual({});
  const sent: string[] = [];
  const send = async (message: string): Promise<Sent> => {
    sent.push(message);
    return { kind: "sent" };
  };
  const next = await holder(send, { epoch: 2, resend: "give-up" });
  next.look();
  await until("an empty outbox", async () => (await left()) === 0);
  expect(sent).toEqual(["m"]);
  first.abort();
});

test("an unknown outcome stays unknown: a refusal of the repetition afterwards does not make the first certain", async () => {
  const answers: Sent[] = [
    { kind: "unknown", reason: "cut" },
    { kind: "later", reason: "429", retryAfterMs: 600_000 },
  ];
  const run = await holder(async () => answers.shift()!);
  await write("a", "m");
  run.look();
  await until("both attempts", () => run.events.length === 2);
  expect(Object.values(await claims())).toEqual(["1"]);
  run.abort();
});

test("a shard given back at its deadline breaks the send off and leaves its claim to the next holder", async () => {
  let asked = 0;
  const send = () => {
    asked += 1;
    return never();
  };
  const first = await holder(send, { resend: "give-up" });
  await write("a", "m");
  first.look();
  await until("a send on its way", () => asked === 1);
  first.abort();
  const next = await holder(send, { epoch: 2, resend: "give-up" });
  next.look();
  await until("an empty outbox", async () => (await left()) === 0);
  expect(asked).toBe(1);
  expect(await dead()).toMatchObject([{ reason: "outcome-unknown", message: "m" }]);
});

test("what an operator puts back is found without a hint", async () => {
  const sent: string[] = [];
  const send = async (message: string): Promise<Sent> => {
    sent.push(message);
    return { kind: "sent" };
  };
  const sleep: Clock["sleep"] = (ms, signal) => systemClock.sleep(ms / 50, signal);
  const run = await holder(send, { clock: { ...systemClock, sleep } });
  await write("a", "m");
  void run.start();
  await until("the first look", () => sent.length === 1);
  await write("a", "again");
  await until("the next look", () => sent.length === 2);
  run.abort();
});
