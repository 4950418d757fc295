import { DEFAULT_KEY_PREFIX, fleetKeys, OUTBOX_WORD, shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import type { AuditNotes } from "../audit/attempt.ts";
import { connectRedis } from "../fleet/redis-connection.ts";
import { redisUsers } from "../state/redis-files.ts";
import { deadLetterCommands } from "./dead-letter-commands.ts";
import { RedisDeadLetters } from "./redis-dead-letters.ts";

const SHARDS = 4;
let server: TestRedis;
let redis: Redis;
let letters: RedisDeadLetters;
let fleet = "";
let runs = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url, "test");
  await new Promise<void>((resolve) => redis.once("ready", () => resolve()));
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => {
  fleet = `fleet-${++runs}`;
  letters = new RedisDeadLetters(redis, { keyPrefix: DEFAULT_KEY_PREFIX, fleet }, SHARDS);
});

const keys = (shard = 1) => shardKeys(DEFAULT_KEY_PREFIX, fleet, shard);
const EVENT = [
  ...["channel", "api", "session", "api:alice", "event", "e-1", "text", "hello"],
  ...["reply", "", "gateway", "gw-1", "request", '{"messages":[]}'],
];
const REPLY = ["channel", "telegram", "session", "telegram:7", "message", '{"text":"hi"}'];
const giveUp = (fields: string[], ...why: string[]) =>
  redis.xadd(keys().dead, "*", ...why, ...fields) as Promise<string>;
const streams = async () =>
  (
    await Promise.all(
      [keys().inbox, keys().outbox, keys().dead].map((key) => redis.xrange(key, "-", "+")),
    )
  ).map((entries) => entries.map(([, fields]) => fields));

test("the list pages through every shard's letters once, newest first, also those of one millisecond", async () => {
  for (let n = 0; n < 23; n++) {
    // Ids of different shards may be equal.
    await redis.xadd(
      keys(n % SHARDS).dead,
      `${1_000 + Math.floor(n / 8)}-${Math.floor((n % 8) / 4)}`,
      ...["kind", "outbox", "reason", "refused", "detail", "blocked", ...REPLY],
    );
  }
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await letters.list({ limit: 5, ...(cursor !== null && { cursor }) });
    expect(page.total).toBe(23);
    seen.push(...page.items.map(({ id, shard }) => `${id}:${shard}`));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(new Set(seen).size).toBe(23);
  const times = seen.map((place) => Number(place.split("-")[0]));
  expect(times).toEqual([...times].sort((a, b) => b - a));
});

test("a letter says what, why, whose and when; a long text only begins", async () => {
  const long = [...EVENT];
  long[7] = "ä".repeat(40_000);
  const id = await giveUp(long, "kind", "inbox", "reason", "attempts-exhausted");
  expect((await letters.list({})).items).toEqual([
    {
      ...{ id, shard: 1, kind: "inbox", reason: "attempts-exhausted", detail: null },
      ...{ channel: "api", session: "api:alice", eventId: "e-1", preview: "ä".repeat(250) },
      at: new Date(Number(id.split("-")[0])).toISOString(),
    },
  ]);
  long[7] = `x${"ä".repeat(40_000)}`;
  await giveUp(long, "kind", "inbox", "reason", "attempts-exhausted");
  expect((await letters.list({})).items[0]!.preview).toBe(`x${"ä".repeat(249)}`);
});

test("an event put back stands in the inbox once, whole, and no longer among the dead letters", async () => {
  const id = await giveUp(EVENT, "kind", "inbox", "reason", "attempts-exhausted");
  const [first, second] = await Promise.all([
    letters.redrive({ shard: 1, id }),
    letters.redrive({ shard: 1, id }),
  ]);
  expect(first).toMatchObject({ kind: "inbox", session: "api:alice" });
  expect(second).toBeNull();
  expect(await streams()).toEqual([[EVENT], [], []]);
});

test("a reply put back stands in the outbox, and holders are told", async () => {
  const listener = connectRedis(server.url, "listener");
  await new Promise<void>((resolve) => listener.once("ready", () => resolve()));
  const heard = new Promise<string>((resolve) => {
    listener.on("message", (_channel, word) => resolve(word));
  });
  await listener.subscribe(fleetKeys(DEFAULT_KEY_PREFIX, fleet).wake);
  const id = await giveUp(REPLY, "kind", "outbox", "reason", "outcome-unknown", "detail", "cut");
  expect(await letters.redrive({ shard: 1, id })).toMatchObject({
    kind: "outbox",
    session: "telegram:7",
  });
  expect(await heard).toBe(OUTBOX_WORD);
  expect(await streams()).toEqual([[], [REPLY], []]);
  listener.disconnect();
});

test("a letter that cannot be put back because Redis is out of memory stays", async () => {
  const id = await giveUp(EVENT, "kind", "inbox", "reason", "attempts-exhausted");
  await redis.config("SET", "maxmemory", "1mb");
  try {
    await expect(letters.redrive({ shard: 1, id })).rejects.toThrow(/OOM/);
  } finally {
    await redis.config("SET", "maxmemory", "0");
  }
  expect((await letters.list({})).total).toBe(1);
});

test("a discarded letter is gone; what is not there, or not a shard, is said to be so", async () => {
  const id = await giveUp(REPLY, "kind", "outbox", "reason", "refused");
  expect(await letters.discard({ shard: 1, id })).toBe(true);
  expect(await letters.discard({ shard: 1, id })).toBe(false);
  expect(await letters.redrive({ shard: 1, id })).toBeNull();
  expect(await letters.redrive({ shard: SHARDS, id })).toBeNull();
  expect(await letters.discard({ shard: SHARDS, id })).toBe(false);
  expect(await streams()).toEqual([[], [], []]);
});

test("the record of the request is told which letter it was and what came back; of none only which", async () => {
  const commands = deadLetterCommands(letters);
  const id = await giveUp(REPLY, "kind", "outbox", "reason", "refused");
  const notes: AuditNotes[] = [];
  const by = { name: "op@example.com", from: null, note: (note: AuditNotes) => notes.push(note) };
  await commands.redrive({ fleet, shard: 1, id }, by);
  for (const again of [commands.redrive, commands.discard]) {
    await expect(again({ fleet, shard: 1, id }, by)).rejects.toMatchObject({
      code: "NOT_FOUND",
      reason: "no-such-dead-letter",
    });
  }
  const subject = `${id} of shard 1`;
  const after = { kind: "outbox", session: "telegram:7" };
  expect(notes).toEqual([{ subject }, { after }, { subject }, { subject }]);
});

test("the console's own Redis user may do all of it, and nothing in another fleet", async () => {
  const users = redisUsers("c", [{ fleet, keyPrefix: DEFAULT_KEY_PREFIX, users: [] }]);
  const rules = users.get("console")!;
  await redis.call("ACL", "SETUSER", "console", "reset", ...rules);
  const own = connectRedis(`redis://console:c@127.0.0.1:${server.port}`, "console");
  await new Promise<void>((resolve) => own.once("ready", () => resolve()));
  const place = { keyPrefix: DEFAULT_KEY_PREFIX, fleet };
  const allowed = new RedisDeadLetters(own, place, SHARDS);
  const [one, two] = [
    await giveUp(REPLY, "kind", "outbox", "reason", "refused"),
    await giveUp(EVENT, "kind", "inbox", "reason", "attempts-exhausted"),
  ];
  expect((await allowed.list({})).total).toBe(2);
  expect(await allowed.redrive({ shard: 1, id: one })).not.toBeNull();
  expect(await allowed.discard({ shard: 1, id: two })).toBe(true);
  const foreign = new RedisDeadLetters(own, { ...place, fleet: "another" }, SHARDS);
  await expect(foreign.discard({ shard: 1, id: two })).rejects.toThrow(/NOPERM/);
  own.disconnect();
});
