import { systemClock } from "@chela/shared/clock/system-clock";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import type { Answer, Assistant } from "../assistant/assistant.ts";
import type { Finding } from "../assistant/breaker.ts";
import { Gate } from "../session/lanes.ts";
import { Solitude } from "../session/solitude.ts";
import type { InboundEvent, InboxEntry } from "./event.ts";
import { Processor } from "./processor.ts";
import { entryOf, type IngestItem, RedisInbox } from "./redis-inbox.ts";
import { RedisInboxReader } from "./redis-inbox-reader.ts";

const PREFIX = "openclaw:";
const SHARD = 3;
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

function inboxOf(gateway: string, backlogMax = 1_000): RedisInbox {
  return new RedisInbox(
    redis,
    { prefix: PREFIX, fleet, gateway, incarnation: `${gateway}-1` },
    { backlogMax, sessionTtlSeconds: 600, historyMax: 1_000 },
  );
}
const keys = () => inboxOf("any").keys(SHARD);

function item(eventId: string, session = "alice", text = "hi", dedupeTtlMs = 60_000): IngestItem {
  const sessionKey = `generic:${session}`;
  const event: InboundEvent = {
    channel: "generic",
    sessionKey,
    eventId,
    text,
    reply: "",
    request: null,
  };
  return { event, shard: SHARD, dedupeTtlMs };
}

async function lease(gateway: string, epoch: number) {
  await redis.hset(keys().lease, { holder: gateway, incarnation: `${gateway}-1`, epoch, beat: 1 });
}

async function history(session = "generic:alice"): Promise<string[]> {
  const entries = await redis.xrange(keys().history(session), "-", "+");
  return entries.map(([id, fields]) => `${id} ${fields[1]}: ${fields[3]}`);
}

/** Committed in the shard's sessions, in all. */
async function messageCount(): Promise<number> {
  const sessions = await redis.zrange(keys().sessions, "0", "-1");
  const counts = await Promise.all(
    sessions.map((session) => redis.hget(keys().session(session), "messages")),
  );
  return counts.reduce((sum, count) => sum + Number(count), 0);
}

async function waiting(): Promise<InboxEntry[]> {
  const entries = await redis.xrange(keys().inbox, "-", "+");
  return entries.map(([id, fields]) => entryOf(id, fields)!);
}

const echo: Assistant = {
  answer: async ({ text }) => ({ kind: "reply", text: `echo: ${text}` }),
  reachable: async () => true,
};

/** One gateway's processing with a connection of its own to wait on. */
function gatewayOf(name: string, assistant: Assistant = echo, outgoing: string[] = []) {
  const blocking = new Redis(server.url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  blocking.on("error", () => {});
  const reader = new RedisInboxReader(redis, blocking, systemClock);
  const seen = { fenced: 0, findings: [] as Finding[], outbox: 0 };
  const inbox = inboxOf(name);
  const processor = new Processor({
    gate: new Gate(64),
    solitude: new Solitude(systemClock),
    run: {
      clock: systemClock,
      assistant,
      inbox,
      follow: (shard, deliver) => reader.follow(inbox.keys(shard).inbox, deliver),
      history: async () => [],
      outgoing: () => outgoing,
      publish: () => {},
      admit: async () => (finding) => {
        if (finding !== "nothing") seen.findings.push(finding);
      },
      onTurn: () => {},
      onFenced: () => {
        seen.fenced += 1;
      },
      onTrouble: () => {},
    },
    outbox: {
      clock: systemClock,
      redisNowMs: () => Date.now(),
      gate: new Gate(8),
      outbound: () => null,
      outbox: {
        read: async () => [],
        claim: async () => [],
        unclaim: async () => {},
        settle: async () => {},
      },
      onSend: () => {},
    },
  });
  reader.start();
  return {
    inbox,
    processor,
    seen,
    blocking,
    /** As the lease loop does after acquiring. */
    async take(epoch: number, isValid = () => true) {
      await lease(name, epoch);
      processor.start({ shard: SHARD, epoch, isValid });
    },
    stop() {
      processor.abort(SHARD);
      reader.stop();
    },
  };
}

test("an event is stored once, whichever gateway it reaches, also within one call", async () => {
  const [a, b] = [inboxOf("gw-1"), inboxOf("gw-2")];
  const outcomes = (await Promise.all([a.ingest([item("e"), item("e")]), b.ingest([item("e")])]))
    .flat()
    .map(({ outcome }) => outcome);
  expect(outcomes).toEqual(["accepted", "duplicate", "duplicate"]);
  expect((await waiting()).map(({ eventId }) => eventId)).toEqual(["e"]);
  // Same id in another session is another event.
  expect(await b.ingest([item("e", "bob")])).toEqual([{ outcome: "accepted" }]);
});

test("an event that could not be stored is not marked as seen, and does not spoil its batch", async () => {
  await redis.set(keys().inbox, "not a stream");
  const other = { ...item("x"), shard: SHARD + 1 };
  const results = await inboxOf("gw-1").ingest([item("e"), other]);
  expect(results).toEqual([
    { outcome: "unavailable", code: "redis-unreachable" },
    { outcome: "accepted" },
  ]);
  expect(await redis.exists(keys().dedupe("generic", "generic:alice", "e"))).toBe(0);
  await redis.del(keys().inbox);
  expect(await inboxOf("gw-1").ingest([item("e")])).toEqual([{ outcome: "accepted" }]);
});

test("a Redis out of memory refuses events, marks none, loses none that it has", async () => {
  const inbox = inboxOf("gw-1");
  await lease("gw-1", 1);
  await inbox.ingest([item("kept")]);
  await redis.config("SET", "maxmemory", "1mb");
  try {
    expect((await inbox.ingest([item("e")]))[0]?.outcome).toBe("unavailable");
    const [entry] = await waiting();
    const reply = { role: "assistant", text: "r", deadReason: "", outbox: [] } as const;
    await expect(inbox.commit({ shard: SHARD, epoch: 1 }, entry!, reply)).rejects.toThrow(/OOM/);
  } finally {
    await redis.config("SET", "maxmemory", "0");
  }
  expect(await redis.exists(keys().dedupe("generic", "generic:alice", "e"))).toBe(0);
  expect((await waiting()).map(({ eventId }) => eventId)).toEqual(["kept"]);
});

test("a full backlog refuses new events but still knows old ones", async () => {
  const inbox = inboxOf("gw-1", 2);
  const results = await inbox.ingest([item("1"), item("2"), item("3"), item("1")]);
  expect(results).toEqual([
    { outcome: "accepted" },
    { outcome: "accepted" },
    { outcome: "unavailable", code: "backlog-full" },
    { outcome: "duplicate" },
  ]);
});

test("without deduplication every delivery counts", async () => {
  const again = item("e", "alice", "hi", 0);
  const results = await inboxOf("gw-1").ingest([again, again]);
  expect(results.map(({ outcome }) => outcome)).toEqual(["accepted", "accepted"]);
});

test("a commit by an old epoch, holder or incarnation changes nothing", async () => {
  const inbox = inboxOf("gw-1");
  await inbox.ingest([item("e")]);
  const [entry] = await waiting();
  const before = await redis.dbsize();
  const reply = { role: "assistant", text: "late", deadReason: "", outbox: ["{}"] } as const;
  for (const [gateway, epoch] of [
    ["gw-2", 5],
    ["gw-1", 6],
  ] as const) {
    await lease(gateway, epoch);
    expect(await inbox.begin({ shard: SHARD, epoch: 5 }, entry!.id)).toBe("fenced");
    expect(await inbox.commit({ shard: SHARD, epoch: 5 }, entry!, reply)).toBe("fenced");
  }
  await redis.hset(keys().lease, { incarnation: "restarted", epoch: 5 });
  expect(await inbox.commit({ shard: SHARD, epoch: 5 }, entry!, reply)).toBe("fenced");
  expect(await waiting()).toEqual([entry]);
  expect(await redis.dbsize()).toBe(before + 1);
  expect(await redis.exists(keys().attempts, keys().outbox, keys().sessions)).toBe(0);
});

test("an answer never ends up under another event that a promoted replica gave the same id", async () => {
  const inbox = inboxOf("gw-1");
  await inbox.ingest([item("lost")]);
  const [lost] = await waiting();
  await lease("gw-1", 1);
  // What a replica that never had the entry does with its next one.
  await redis.del(keys().inbox);
  const fields = ["channel", "generic", "session", "generic:alice", "event", "other", "text", "hi"];
  await redis.xadd(keys().inbox, lost!.id, ...fields);
  const reply = { role: "assistant", text: "to the lost one", deadReason: "", outbox: [] } as const;
  expect(await inbox.commit({ shard: SHARD, epoch: 1 }, lost!, reply)).toBe("gone");
  expect((await waiting()).map(({ eventId }) => eventId)).toEqual(["other"]);
  expect(await history()).toEqual([]);
});

test("a commit answers once: history, session, outbox and live message, ids by epoch", async () => {
  const inbox = inboxOf("gw-1");
  const web = (eventId: string, text: string) => {
    const { event, ...rest } = item(eventId, "alice", text);
    return { ...rest, event: { ...event, channel: "web", sessionKey: "web:alice" } };
  };
  await inbox.ingest([web("1", "one"), web("2", "two")]);
  const [one, two] = await waiting();
  const listener = new Redis(server.url);
  const heard: unknown[] = [];
  await listener.subscribe(keys().live);
  listener.on("message", (_channel, text) => heard.push(JSON.parse(text)));

  const reply = { role: "assistant", text: "r", deadReason: "", outbox: ["m1", "m2"] } as const;
  await lease("gw-1", 4);
  expect(await inbox.commit({ shard: SHARD, epoch: 4 }, one!, reply)).toBe("committed");
  expect(await inbox.commit({ shard: SHARD, epoch: 4 }, one!, reply)).toBe("gone");
  await lease("gw-1", 9);
  expect(await inbox.commit({ shard: SHARD, epoch: 9 }, two!, reply)).toBe("committed");

  expect(await history("web:alice")).toEqual([
    "4-1 user: one",
    "4-2 assistant: r",
    "9-1 user: two",
    "9-2 assistant: r",
  ]);
  expect(await waiting()).toEqual([]);
  expect(await redis.xlen(keys().outbox)).toBe(4);
  expect(await redis.hgetall(keys().session("web:alice"))).toMatchObject({
    channel: "web",
    messages: "4",
    gateway: "gw-1",
    epoch: "9",
  });
  const now = Date.now();
  expect(await redis.zcount(keys().sessions, now + 590_000, now + 610_000)).toBe(1);
  expect(await redis.ttl(keys().history("web:alice"))).toBeGreaterThan(590);
  await until("both live messages", () => heard.length === 2);
  expect(heard[1]).toMatchObject({
    session: "web:alice",
    messages: [
      { eventId: "9-1", previous: "4-2", role: "user", text: "two", event: "2" },
      { eventId: "9-2", previous: "9-1", role: "assistant", text: "r", event: "2" },
    ],
  });
  listener.disconnect();
});

test("order holds within each session while sessions run side by side, before and after the shard is taken", async () => {
  const inbox = inboxOf("gw-2");
  const sessions = ["a", "b", "c", "d", "e"];
  const send = async (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      await inbox.ingest(sessions.map((s) => item(`${s}${n}`, s, String(n))));
    }
  };
  await send(0, 60);
  const gateway = gatewayOf("gw-1");
  await gateway.take(1);
  await send(60, 120);
  await until("an empty inbox", async () => (await redis.xlen(keys().inbox)) === 0);
  for (const session of sessions) {
    const messages = await history(`generic:${session}`);
    expect(messages).toEqual(
      Array.from({ length: 120 }, (_, n) => [
        `1-${2 * n + 1} user: ${n}`,
        `1-${2 * n + 2} assistant: echo: ${n}`,
      ]).flat(),
    );
  }
  expect(await redis.hlen(keys().attempts)).toBe(0);
  gateway.stop();
});

test("whoever takes over answers what was not committed, exactly once; the old holder's late commit is fenced", async () => {
  let finish = (_answer: Answer) => {};
  const stuck: Assistant = {
    answer: () =>
      new Promise((resolve) => {
        finish = resolve;
      }),
    reachable: async () => true,
  };
  const old = gatewayOf("gw-1", stuck);
  await old.take(1);
  await old.inbox.ingest([item("1", "alice", "one"), item("2", "alice", "two")]);
  await until("a turn in flight", () => old.processor.inFlight(SHARD) === 1);

  const next = gatewayOf("gw-2");
  await next.take(2);
  await until("an empty inbox", async () => (await redis.xlen(keys().inbox)) === 0);
  // The old one was paused: it believes in its lease and commits now.
  finish({ kind: "reply", text: "too late" });
  await until("the old turn's end", () => old.processor.inFlight(SHARD) === 0);
  expect(old.seen.fenced).toBe(1);
  expect(await history()).toEqual([
    "2-1 user: one",
    "2-2 assistant: echo: one",
    "2-3 user: two",
    "2-4 assistant: echo: two",
  ]);
  old.stop();
  next.stop();
});

test("a gateway whose own clock says its lease may have ended does not even try to commit", async () => {
  let valid = true;
  const gateway = gatewayOf("gw-1", {
    async answer() {
      valid = false;
      return { kind: "reply", text: "late" };
    },
    reachable: async () => true,
  });
  await gateway.inbox.ingest([item("1")]);
  await gateway.take(1, () => valid);
  await until("the turn's end", () => !valid && gateway.processor.inFlight() === 0);
  expect(await redis.xlen(keys().inbox)).toBe(1);
  expect(gateway.seen.fenced).toBe(0);
  gateway.stop();
});

test("ceding lets the turn in flight finish and begins no other", async () => {
  let finish = () => {};
  const gateway = gatewayOf("gw-1", {
    answer: ({ text }) =>
      new Promise((resolve) => {
        finish = () => resolve({ kind: "reply", text });
      }),
    reachable: async () => true,
  });
  await gateway.inbox.ingest([item("1"), item("2")]);
  await gateway.take(1);
  await until("a turn in flight", () => gateway.processor.inFlight(SHARD) === 1);
  const ceded = gateway.processor.cede(SHARD);
  finish();
  await ceded;
  expect((await waiting()).map(({ eventId }) => eventId)).toEqual(["2"]);
  expect(gateway.processor.inFlight()).toBe(0);
  gateway.stop();
});

test("a backlog beyond what is kept in memory is worked off whole", async () => {
  const inbox = inboxOf("gw-1", 10_000);
  for (let n = 0; n < 5_000; n += 250) {
    await inbox.ingest(Array.from({ length: 250 }, (_, i) => item(`${n + i}`, `s${i % 25}`)));
  }
  const gateway = gatewayOf("gw-1");
  await gateway.take(1);
  await until("an empty inbox", async () => (await redis.xlen(keys().inbox)) === 0);
  expect(await messageCount()).toBe(10_000);
  gateway.stop();
});

test("a planned hand-over gives the attempt back; a lost lease does not", async () => {
  const never: Assistant = { answer: () => new Promise(() => {}), reachable: async () => true };
  const gateway = gatewayOf("gw-1", never);
  await gateway.inbox.ingest([item("1")]);
  const attempts = async () => (await redis.hvals(keys().attempts))[0];

  await gateway.take(1);
  await until("a begun turn", async () => (await attempts()) === "1");
  void gateway.processor.cede(SHARD);
  gateway.processor.abort(SHARD);
  await until("the attempt given back", async () => (await attempts()) === "0");

  await gateway.take(2);
  await until("a begun turn", async () => (await attempts()) === "1");
  gateway.processor.abort(SHARD);
  await gateway.take(3);
  await until("a second attempt", async () => (await attempts()) === "2");
  gateway.stop();
});

test("an event that kills its processor five times is given up visibly, and the next one is answered", async () => {
  const inbox = inboxOf("gw-0");
  await inbox.ingest([item("poison", "alice", "poison"), item("fine", "alice", "fine")]);
  const [poison] = await waiting();
  await lease("gw-0", 1);
  // Five processors began it and were never heard of again.
  for (let n = 0; n < 5; n++) {
    expect(await inbox.begin({ shard: SHARD, epoch: 1 }, poison!.id)).toBe("begun");
  }
  const gateway = gatewayOf("gw-1");
  await gateway.take(2);
  await until("an empty inbox", async () => (await redis.xlen(keys().inbox)) === 0);
  const messages = await history();
  expect(messages[0]).toBe("2-1 user: poison");
  expect(messages[1]).toMatch(/^2-2 error: This message could not be answered/);
  expect(messages[3]).toBe("2-4 assistant: echo: fine");
  const [[, fields]] = (await redis.xrange(keys().dead, "-", "+")) as [[string, string[]]];
  expect(fields).toContain("attempts-exhausted");
  expect(fields).toContain("poison");
  gateway.stop();
});

test("an assistant out of reach uses up no attempts; one that fails does, one that refuses is told", async () => {
  const answers: Answer[] = Array.from({ length: 8 }, () => ({
    kind: "later",
    reason: "away",
    finding: "away",
    retryAfterMs: 1,
  }));
  answers.push({ kind: "reply", text: "back" });
  for (let n = 0; n < 5; n++) answers.push({ kind: "failed", reason: "answered 500" });
  answers.push({ kind: "refused", text: "no" });
  const gateway = gatewayOf("gw-1", {
    answer: async () => answers.shift()!,
    reachable: async () => true,
  });
  await gateway.inbox.ingest([item("1"), item("2"), item("3")]);
  await gateway.take(1);
  await until("an empty inbox", async () => (await redis.xlen(keys().inbox)) === 0);
  const roles = (await history()).map((line) => line.split(" ")[1]);
  expect(roles).toEqual(["user:", "assistant:", "user:", "error:", "user:", "error:"]);
  expect(gateway.seen.findings.join(" ")).toBe(
    `${"away ".repeat(8)}worked ${"failed ".repeat(5)}worked`,
  );
  gateway.stop();
});

test("a blocked reader that loses its connection finds everything again, from the beginning", async () => {
  const gateway = gatewayOf("gw-1");
  await gateway.take(1);
  await gateway.inbox.ingest([item("1", "alice", "one")]);
  await until("the first answer", async () => (await history()).length === 2);
  // A promoted replica may issue lower ids than were seen.
  await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await redis.del(keys().inbox);
  await redis.xadd(
    keys().inbox,
    "1-1",
    ...["channel", "generic", "session", "generic:alice", "event", "2", "text", "two"],
    ...["reply", "", "gateway", "gw-1"],
  );
  await until("the second answer", async () => (await history()).length === 4);
  gateway.stop();
});

test("a reader that waits in vain for one shard hears at once of a newly taken one", async () => {
  const gateway = gatewayOf("gw-1");
  await gateway.take(1);
  await redis.hset(gateway.inbox.keys(SHARD + 1).lease, {
    holder: "gw-1",
    incarnation: "gw-1-1",
    epoch: 1,
  });
  gateway.processor.start({ shard: SHARD + 1, epoch: 1, isValid: () => true });
  await gateway.inbox.ingest([{ ...item("1"), shard: SHARD + 1 }]);
  const key = gateway.inbox.keys(SHARD + 1).history("generic:alice");
  await until("its answer", async () => (await redis.xlen(key)) === 2, { timeoutMs: 900 });
  gateway.processor.abort(SHARD + 1);
  gateway.stop();
});
