import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientFrame } from "@chela/chat-client/protocol";
import { TestClock } from "@chela/shared/clock/test-clock";
import type { ErrorCode } from "@chela/shared/errors/errors";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { HTTP_LIMITS } from "../http/http-limits.ts";
import { createListener } from "../http/listener.ts";
import type { Stored } from "../inbox/event.ts";
import type { Follower, LiveMessage } from "../live/word.ts";
import { SOCKETS_MAX, SocketHub } from "./hub.ts";
import { createSocketDoor } from "./upgrade.ts";

const TOKENS = ["the-first-token-of-clients", "the-second-token-of-clients"];
const QUERY = `session=alice&token=${TOKENS[0]}`;

let clock: TestClock;
let hub: SocketHub;
let server: Server;
let port = 0;
let unavailable: ErrorCode | null;
let mustLeave: boolean;
let sockets = 0;
let reads = 0;
let stored: { frame: ClientFrame; answer: (stored: Stored) => void }[];
let stores: Stored | null;
let redisAway: boolean;
const followers = new Set<Follower>();
const clients: WebSocket[] = [];

beforeEach(async () => {
  followers.clear();
  clock = new TestClock();
  unavailable = null;
  mustLeave = false;
  sockets = 0;
  reads = 0;
  stored = [];
  stores = { outcome: "accepted" };
  redisAway = false;
  hub = new SocketHub({
    clock,
    follow: async (_session, follower) => {
      if (redisAway) throw new Error("away");
      followers.add(follower);
      return () => followers.delete(follower);
    },
    history: {
      async after() {
        reads += 1;
        return [];
      },
      newest: async () => "",
      page: async () => [],
    },
    store: (_session, frame) =>
      new Promise((answer) => {
        stored.push({ frame, answer });
        if (stores !== null) answer(stores);
      }),
    mustLeave: () => mustLeave,
  });
  const door = createSocketDoor({
    hub: {
      get open() {
        return sockets || hub.open;
      },
      take: (ws, session, after) => hub.take(ws, session, after),
    },
    tokens: TOKENS,
    unavailable: () => unavailable,
  });
  server = createListener(HTTP_LIMITS, (request, response) => door.answer(request, response), door);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
  void hub.start();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.terminate();
  hub.end();
  server.close();
});

function connect(query = QUERY, options: object = {}): WebSocket {
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws?${query}`, options);
  client.on("error", () => {});
  clients.push(client);
  return client;
}

async function opened(query = QUERY, options: object = {}) {
  const client = connect(query, options);
  const frames: { type: string; id?: string; code?: string; replyTo?: string }[] = [];
  const closed = new Promise<number>((resolve) => client.on("close", resolve));
  client.on("message", (bytes) => frames.push(JSON.parse(String(bytes))));
  await once(client, "open");
  const say = (id: string, text = "x") =>
    client.send(JSON.stringify({ type: "message", id, text }));
  return { client, frames, closed, say };
}

/** What an upgrade is answered with instead. */
async function refusal(query: string, options: object = {}) {
  const client = connect(query, options);
  const [, response] = await once(client, "unexpected-response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { error } = JSON.parse(Buffer.concat(chunks).toString());
  return [response.statusCode, error.code, response.headers["retry-after"]];
}

function say(...messages: LiveMessage[]): void {
  for (const follower of followers) follower.onWord({ session: "web:alice", messages });
}

describe("at the door", () => {
  test("either token opens, as a header or in the query", async () => {
    await opened(`session=alice&token=${TOKENS[1]}`);
    await opened("session=alice", { headers: { authorization: `Bearer ${TOKENS[0]}` } });
    expect(hub.open).toBe(2);
  });

  test("who may not come in is told before the upgrade", async () => {
    expect(await refusal("session=alice")).toEqual([401, "unauthorized", undefined]);
    expect(await refusal("session=alice&token=no")).toEqual([401, "unauthorized", undefined]);
    const token = `token=${TOKENS[0]}`;
    expect(await refusal(token)).toEqual([400, "session-invalid", undefined]);
    const long = `${token}&session=${"x".repeat(257)}`;
    expect(await refusal(long)).toEqual([400, "session-invalid", undefined]);
    expect(await refusal(`${QUERY}&after=x`)).toEqual([400, "after-invalid", undefined]);
    unavailable = "stopping";
    expect(await refusal(QUERY)).toEqual([503, "stopping", "1"]);
    unavailable = null;
    sockets = SOCKETS_MAX;
    expect(await refusal(QUERY)).toEqual([503, "too-many-connections", "1"]);
    expect(hub.open).toBe(0);
  });

  test("a plain GET is told to upgrade, or why that would not be let in", async () => {
    const get = async (query: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/ws?${query}`);
      const { error } = (await response.json()) as { error: { code: string } };
      return [response.status, error.code];
    };
    expect(await get("")).toEqual([426, "upgrade-required"]);
    expect(await get(QUERY)).toEqual([426, "upgrade-required"]);
    expect(await get("session=alice&token=wrong")).toEqual([401, "unauthorized"]);
  });
});

describe("a socket", () => {
  test("has its messages stored one after another, and each confirmed once it is stored", async () => {
    stores = null;
    const { say, frames } = await opened();
    say("a");
    say("b");
    await expect.poll(() => stored.length).toBe(1);
    expect(frames).toEqual([]);
    stored[0]!.answer({ outcome: "accepted" });
    await expect.poll(() => stored.map(({ frame }) => frame.id)).toEqual(["a", "b"]);
    stored[1]!.answer({ outcome: "unavailable", code: "redis-unreachable" });
    await expect.poll(() => frames.length).toBe(2);
    expect(frames).toMatchObject([
      { type: "accepted", id: "a" },
      { type: "error", code: "redis-unreachable", replyTo: "b" },
    ]);
  });

  test("may have 64 messages without an answer; an answer makes room", async () => {
    const { say: send, frames } = await opened();
    for (let n = 0; n < 65; n++) send(`m${n}`);
    await expect.poll(() => frames.length).toBe(65);
    const refused = frames.filter(({ type }) => type === "error");
    expect(refused).toMatchObject([{ code: "too-many-unanswered", replyTo: "m64" }]);
    const answer = { role: "assistant", text: "", event: "m0" } as const;
    say({ eventId: "1-1", previous: "", ...answer });
    send("m64");
    await expect.poll(() => frames.at(-1)).toMatchObject({ type: "accepted", id: "m64" });
  });

  test("is closed for a frame beyond the largest (1009), and told of rubbish", async () => {
    const { client, closed, frames } = await opened();
    client.send("rubbish");
    client.send(Buffer.from([1, 2]));
    await expect.poll(() => frames.length).toBe(2);
    client.send("x".repeat(500_000));
    expect(await closed).toBe(1009);
    await expect.poll(() => hub.open).toBe(0);
  });

  test("that does not read is closed before much waits for it", async () => {
    const { client } = await opened();
    client.pause();
    const text = "x".repeat(256_000);
    let n = 0;
    await expect
      .poll(() => {
        const previous = n === 0 ? "" : `1-${n}`;
        say({ eventId: `1-${++n}`, previous, role: "assistant", text, event: `e${n}` });
        return hub.open;
      })
      .toBe(0);
    // What the kernel takes, and about one MiB more.
    expect(n).toBeLessThan(400);
  });

  test("that answers no ping is cut; one that does stays", async () => {
    const dead = await opened(QUERY, { autoPong: false });
    const alive = await opened();
    let pings = 0;
    alive.client.on("ping", () => {
      pings += 1;
    });
    while (hub.open === 2) {
      await clock.advance(1_000);
      // Pings and pongs need the real network in between.
      await new Promise(setImmediate);
    }
    await dead.closed;
    expect(clock.monotonicMs()).toBeLessThanOrEqual(61_000);
    expect(pings).toBeGreaterThan(0);
    expect(alive.client.readyState).toBe(WebSocket.OPEN);
  });

  test("that waits long for an answer has the history read: the word of it may have been lost", async () => {
    const { say: send, frames } = await opened();
    await clock.advance(30_000);
    expect(reads).toBe(0);
    send("a");
    await expect.poll(() => frames.length).toBe(1);
    await clock.advance(25_000);
    await expect.poll(() => reads).toBeGreaterThan(0);
    expect(reads).toBeLessThanOrEqual(3);
  });

  test("that comes while Redis is away is told to come again, and keeps nobody out who comes later", async () => {
    redisAway = true;
    // It does not answer the close, so it is still there when the next one comes.
    const first = await opened();
    first.client.pause();
    redisAway = false;
    const second = await opened();
    await expect.poll(() => followers.size).toBe(1);
    say({ eventId: "1-1", previous: "", role: "assistant", text: "", event: "e" });
    await expect.poll(() => second.frames.length).toBe(1);
    first.client.resume();
    expect(await first.closed).toBe(1013);
  });

  test("is told to go elsewhere (1012) while its gateway must leave, and only then", async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => opened()));
    mustLeave = true;
    for (let ms = 0; ms < 1_100; ms += 25) await clock.advance(25);
    expect(new Set(await Promise.all(all.map(({ closed }) => closed)))).toEqual(new Set([1012]));
    mustLeave = false;
    const stays = await opened();
    for (let ms = 0; ms < 3_000; ms += 25) await clock.advance(25);
    expect(stays.client.readyState).toBe(WebSocket.OPEN);
  });
});
