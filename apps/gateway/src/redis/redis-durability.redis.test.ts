import { systemClock } from "@chela/shared/clock/system-clock";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import type { InboxEntry } from "../inbox/event.ts";
import { entryOf, type IngestItem, RedisInbox } from "../inbox/redis-inbox.ts";
import { createRedisLeaseStore } from "../lease/redis-lease-store.ts";
import type { LiveWord } from "../live/word.ts";
import { startReplicated } from "../testing/redis-group.ts";
import { type Ack, ackOf, durabilityOf } from "./redis-durability.ts";

const PREFIX = "openclaw:";
const SHARD = 3;
let servers: TestRedis[];
let redis: Redis;
let fleet = "";
let runs = 0;
const connections: Redis[] = [];

beforeAll(async () => {
  servers = await startReplicated(2);
  redis = new Redis(servers[0]!.url);
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all(servers.map((server) => server.stop()));
});
beforeEach(() => {
  fleet = `fleet-${++runs}`;
});
afterEach(async () => {
  servers[1]!.resume();
  for (const connection of connections.splice(0)) connection.disconnect();
  await until("the replica in step", async () => (await redis.wait(1, 1_000)) === 1);
});

const replica = () => servers[1]!;
function connection(): Redis {
  const made = new Redis(servers[0]!.url, { commandTimeout: 500, maxRetriesPerRequest: 0 });
  made.on("error", () => {});
  connections.push(made);
  return made;
}
function inboxOf(gateway: string, ack: Ack = "replica"): RedisInbox {
  const own = connection();
  return new RedisInbox(
    own,
    { prefix: PREFIX, fleet, gateway, incarnation: `${gateway}-1` },
    { backlogMax: 1_000, sessionTtlSeconds: 600, historyMax: 1_000 },
    durabilityOf(own, ack, systemClock),
  );
}
const keys = () => inboxOf("any").keys(SHARD);
function item(eventId: string, channel = "generic"): IngestItem {
  const event = { channel, sessionKey: `${channel}:alice`, eventId, text: "hi", reply: "" };
  return { event: { ...event, request: null }, shard: SHARD, dedupeTtlMs: 60_000 };
}
async function waiting(): Promise<InboxEntry[]> {
  const entries = await redis.xrange(keys().inbox, "-", "+");
  return entries.map(([id, fields]) => entryOf(id, fields)!);
}
/** On a busy machine a replica may be late now and then: sent again, as a vendor does. */
const taken = (inbox: RedisInbox, eventId: string, channel?: string) =>
  until(`${eventId} taken`, async () => (await stored(inbox, eventId, channel)) !== "unavailable");
const lease = (gateway: string, epoch: number) =>
  redis.hset(keys().lease, { holder: gateway, incarnation: `${gateway}-1`, epoch, beat: 1 });
const reply = { role: "assistant", text: "r", deadReason: "", outbox: ["m"] } as const;
/** On a busy machine the command's own limit may come first. */
const UNKNOWN = /NOTREPLICATED|Command timed out/;
async function stored(inbox: RedisInbox, eventId: string, channel?: string): Promise<string> {
  const results = await inbox.ingest([item(eventId, channel)]).catch((error: Error) => {
    expect(error.message).toMatch(UNKNOWN);
    return [{ outcome: "unavailable" }];
  });
  return results[0]!.outcome;
}

test("beside Sentinel a replica must have a write before it counts, else Redis itself; as configured in any case", () => {
  const base = { port: 6379, db: 0, keyPrefix: "", tls: false };
  const sentinels = [{ host: "s", port: 1 }];
  expect(ackOf({ ...base, host: "h" })).toBe("primary");
  expect(ackOf({ ...base, sentinels, name: "n" })).toBe("replica");
  expect(ackOf({ ...base, sentinels, name: "n", ack: "primary" })).toBe("primary");
  expect(ackOf({ ...base, host: "h", ack: "replica" })).toBe("replica");
});

describe("ack replica", () => {
  test("an event is accepted once a replica has it, and refused while none confirms", async () => {
    const inbox = inboxOf("gw-1");
    await taken(inbox, "1");
    const second = new Redis(replica().url);
    expect(await second.xlen(keys().inbox)).toBe(1);
    second.disconnect();
    replica().pause();
    expect(await stored(inbox, "2")).toBe("unavailable");
  });

  test("a duplicate of an event that no replica has is refused too, at whichever gateway; then it is one", async () => {
    const [one, two] = [inboxOf("gw-1"), inboxOf("gw-2")];
    replica().pause();
    expect(await stored(one, "e")).toBe("unavailable");
    expect(await stored(two, "e")).toBe("unavailable");
    replica().resume();
    await until("a duplicate", async () => (await stored(two, "e")) === "duplicate");
    expect((await waiting()).map(({ eventId }) => eventId)).toEqual(["e"]);
  });

  test("a script that wrote nothing is answered after a write of our own, so that WAIT covers what it read", async () => {
    const inbox = inboxOf("gw-1");
    await taken(inbox, "e");
    await redis.del(keys().mark);
    await until("a duplicate", async () => (await stored(inbox, "e")) === "duplicate");
    expect(await redis.exists(keys().mark)).toBe(1);
  });

  test("a lease that no replica has is not granted, and one whose renewal none has is not renewed", async () => {
    const own = connection();
    const store = createRedisLeaseStore({
      ...{ redis: own, prefix: PREFIX, fleet, name: "gw-1", incarnation: "a" },
      durable: durabilityOf(own, "replica", systemClock),
    });
    const request = { shard: SHARD, observed: null, highestEpochSeen: 0, generation: 1 };
    replica().pause();
    await expect(store.acquire([request])).rejects.toThrow(UNKNOWN);
    // It stands all the same: seen as ours and not worked, it is taken anew or let go.
    const seen = (await store.observe(SHARD + 1)).leases[SHARD]!;
    expect(seen).toMatchObject({ holder: "gw-1", epoch: 1 });
    const renewal = { shard: SHARD, epoch: 1, generation: 1 };
    await expect(store.renew([renewal])).rejects.toThrow(UNKNOWN);
    replica().resume();
    await until("a renewal", async () => (await store.renew([renewal]))[0]?.outcome === "renewed");
  });

  test("a commit that no replica has is unknown; repeated it is gone, and told only then", async () => {
    const inbox = inboxOf("gw-1");
    await taken(inbox, "e", "web");
    const [entry] = await waiting();
    await lease("gw-1", 4);
    const heard: LiveWord[] = [];
    const listener = new Redis(servers[0]!.url);
    connections.push(listener);
    await listener.subscribe(keys().live);
    listener.on("message", (_channel, text) => heard.push(JSON.parse(text)));

    replica().pause();
    const commit = () => inbox.commit({ shard: SHARD, epoch: 4 }, entry!, reply);
    await expect(commit()).rejects.toThrow(UNKNOWN);
    expect(heard).toEqual([]);
    replica().resume();
    let answer: string | null = null;
    await until("an answer", async () => {
      answer = await commit();
      return true;
    });
    expect(answer).toBe("gone");
    await until("the word", () => heard.length > 0);
    expect(heard).toHaveLength(1);
    expect(await redis.xlen(keys().outbox)).toBe(1);
  });

  test("callers are told of a commit in the same words, whoever must have it first", async () => {
    const words: Record<Ack, LiveWord[]> = { primary: [], replica: [] };
    for (const ack of ["primary", "replica"] as const) {
      fleet = `${fleet}-${ack}`;
      const inbox = inboxOf("gw-1", ack);
      const listener = new Redis(servers[0]!.url);
      connections.push(listener);
      await listener.subscribe(keys().live);
      listener.on("message", (_channel, text) => words[ack].push(JSON.parse(text)));
      await lease("gw-1", 4);
      await taken(inbox, "1", "web");
      await taken(inbox, "2", "web");
      await taken(inbox, "3");
      for (const entry of await waiting()) {
        const commit = () => inbox.commit({ shard: SHARD, epoch: 4 }, entry, reply);
        await until("a commit", async () => (await commit()) !== "fenced");
      }
      await until("both words", () => words[ack].length === 2);
    }
    expect(words.replica).toEqual(words.primary);
  });

  test("calls that come while one waits for the replica share the next wait", async () => {
    const inbox = inboxOf("gw-1");
    await taken(inbox, "warm");
    const waits = async () =>
      Number(/cmdstat_wait:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1] ?? 0);
    const before = await waits();
    await Promise.all(Array.from({ length: 200 }, (_, n) => stored(inbox, `e${n}`)));
    expect((await waits()) - before).toBeLessThan(10);
  });

  test("scripts that Redis has forgotten are sent in full, and waited for like the others", async () => {
    const inbox = inboxOf("gw-1");
    await taken(inbox, "1");
    await redis.script("FLUSH");
    await Promise.all([taken(inbox, "1"), taken(inbox, "2")]);
    expect((await waiting()).map(({ eventId }) => eventId)).toEqual(["1", "2"]);
    await redis.script("FLUSH");
    replica().pause();
    expect(await stored(inbox, "3")).toBe("unavailable");
  });

  test("a Redis that hangs holds up no call for longer than a command, however many wait", async () => {
    const inbox = inboxOf("gw-1");
    await taken(inbox, "warm");
    servers[0]!.pause();
    try {
      const startedAt = performance.now();
      const first = inbox.ingest([item("1")]).catch(() => "failed");
      await new Promise((resolve) => setImmediate(resolve));
      const others = Array.from({ length: 300 }, (_, n) =>
        inbox.ingest([item(`e${n}`)]).catch(() => "failed"),
      );
      expect(new Set(await Promise.all([first, ...others]))).toEqual(new Set(["failed"]));
      expect(performance.now() - startedAt).toBeLessThan(800);
    } finally {
      servers[0]!.resume();
    }
  });
});
