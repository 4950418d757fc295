import { once } from "node:events";
import { request as ask, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { type Body, readBody } from "./body.ts";
import { BodyMemory } from "./body-memory.ts";
import { HTTP_LIMITS } from "./http-limits.ts";
import { createListener } from "./listener.ts";
import { RawClient } from "./testing/raw-client.ts";

/** For whatever is not about time: on a busy machine nothing of it is cut off. */
const PATIENT = { ...HTTP_LIMITS, lingerMs: 200 };
const QUICK = { ...PATIENT, headersMs: 300, requestMs: 600, silentMs: 800, checkEveryMs: 50 };
vi.setConfig({ testTimeout: 30_000 });

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const POST = "POST / HTTP/1.1\r\nHost: a\r\n";

let server: Server | undefined;
const clients: RawClient[] = [];
const bodies: Body[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.end();
  server?.closeAllConnections();
  server?.close();
  bodies.length = 0;
});

/** Answers with the length of what was sent. */
const reading =
  (bytesMax = 1_000_000, memory?: BodyMemory): RequestListener =>
  async (request, response) => {
    const body = await readBody(request, response, bytesMax, memory);
    bodies.push(body);
    const said = body.ok ? `read ${body.bytes.length} ` : `refused ${body.why} `;
    response.end(said);
  };

async function listening(limits = PATIENT, handle = reading()): Promise<number> {
  server = createListener(limits, handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function client(port: number, options?: { reads?: boolean }): RawClient {
  const made = new RawClient(port, options);
  clients.push(made);
  return made;
}

test("headers that never end, headers that never begin, a body that never ends: each is told 408 and cut off", async () => {
  const port = await listening(QUICK);
  const headers = client(port);
  const silent = client(port);
  const body = client(port).send(`${POST}Content-Length: 1000\r\n\r\n`);
  void headers.dribble(`${POST}X-Slow: ${"y".repeat(2_000)}`, 10);
  void body.dribble("x".repeat(900), 10);
  // Meanwhile everybody else is answered.
  const other = client(port).send(GET);
  await expect.poll(() => other.received).toContain("read 0");
  await Promise.all([headers.closed, silent.closed, body.closed]);
  for (const slow of [headers, silent, body]) {
    expect([slow.statuses(), slow.codes()]).toEqual([[408], ["request-late"]]);
  }
  await expect.poll(() => bodies).toContainEqual({ ok: false, why: "broken-off" });
});

test("a body that ends in time is not cut off while its answer takes long", async () => {
  let answer = () => {};
  const port = await listening({ ...QUICK, silentMs: 60_000 }, async (request, response) => {
    await readBody(request, response, 10);
    answer = () => response.end("late but there");
  });
  const caller = client(port).send(`${POST}Content-Length: 1\r\n\r\nx`);
  const slow = client(port);
  // By then the caller, too, has waited longer than a request may take to come in.
  await slow.closed;
  const slower = client(port).send(`${POST}Content-Length: 9\r\n\r\nx`);
  await slower.closed;
  answer();
  await expect.poll(() => caller.received).toContain("late but there");
});

test("giant headers and a giant path get 431 in the shape of every error, also while they are still being sent", async () => {
  const port = await listening();
  const large = "x".repeat(1_000_000);
  for (const text of [`${POST}X-Large: ${large}`, `GET /${large} HTTP/1.1\r\n`]) {
    const giant = client(port).send(text);
    await expect.poll(() => giant.codes()).toEqual(["headers-too-large"]);
    giant.send(large);
    await giant.closed;
    expect(giant.statuses()).toEqual([431]);
    expect(JSON.parse(giant.received.split("\r\n\r\n")[1]!)).toMatchObject({ error: {} });
  }
  const many = client(port).send(`${POST}${"a: b\r\n".repeat(20_000)}\r\n`);
  await expect.poll(() => many.codes()).toEqual(["headers-too-large"]);
});

test("what is no HTTP gets 400, and an answer that is due to an earlier request comes first", async () => {
  const port = await listening();
  for (const rubbish of [
    "\x16\x03\x01\x02\x00\x01\x00",
    "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    `${POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    `${POST}Content-Length: -1\r\n\r\n`,
    `${POST}Transfer-Encoding: chunked\r\n\r\nnot a length\r\n`,
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  ]) {
    const bad = client(port).send(rubbish);
    await bad.closed;
    expect([bad.statuses(), bad.codes()]).toEqual([[400], ["request-malformed"]]);
  }
  const behind = client(port).send(`${POST}Content-Length: 1\r\n\r\nx\0\0\0`);
  await behind.closed;
  expect(behind.statuses()).toEqual([200]);
  expect(behind.received).toContain("read 1");
});

test("rubbish in the middle of an answer adds nothing to it", async () => {
  let finish = () => {};
  const port = await listening(PATIENT, (_request, response) => {
    response.write("first ");
    finish = () => response.end("second ");
  });
  const caller = client(port).send(GET);
  await expect.poll(() => caller.received).toContain("first");
  caller.send("\0\0rubbish\0\0");
  // Another connection's round trip: by then the rubbish was read.
  await new RawClient(port).send("\0").closed;
  finish();
  await caller.closed;
  expect(caller.statuses()).toEqual([200]);
  expect(caller.received).toContain("second");
});

test("a thousand requests in one breath are answered in order", async () => {
  const port = await listening();
  const requests = Array.from(
    { length: 1_000 },
    (_, n) => `${POST}Content-Length: ${n}\r\n\r\n${"x".repeat(n)}`,
  );
  const caller = client(port).send(requests.join(""));
  const lengths = () => [...caller.received.matchAll(/read (\d+) /g)].map((match) => +match[1]!);
  await expect.poll(() => lengths().length).toBe(1_000);
  expect(lengths()).toEqual(requests.map((_, n) => n));
});

test("one who asks first is told to go on; any other expectation is ignored", async () => {
  const port = await listening();
  const asking = client(port).send(`${POST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`);
  await expect.poll(() => asking.statuses()).toEqual([100]);
  asking.send("xy");
  await expect.poll(() => asking.received).toContain("read 2");
  const odd = client(port).send(`${POST}Expect: tea\r\nContent-Length: 2\r\n\r\nxy`);
  await expect.poll(() => odd.received).toContain("read 2");
  expect(odd.statuses()).toEqual([200]);
});

test("a body in one-byte chunks is whole and takes the memory of its bytes only", async () => {
  const port = await listening(PATIENT, reading(100_000, new BodyMemory(128_000, 0)));
  const chunks = (count: number) => `${"1\r\nx\r\n".repeat(count)}0\r\n\r\n`;
  const caller = client(port).send(`${POST}Transfer-Encoding: chunked\r\n\r\n${chunks(50_000)}`);
  await expect.poll(() => caller.received).toContain("read 50000");
  expect(bodies[0]).toEqual({ ok: true, bytes: Buffer.from("x".repeat(50_000)) });
  caller.send(`${POST}Transfer-Encoding: chunked\r\n\r\n${chunks(100_001)}`);
  await expect.poll(() => caller.received).toContain("refused too-large");
});

test("where large bodies take all the memory, another large one is refused and a small one is not", async () => {
  const memory = new BodyMemory(3_000, 100);
  const port = await listening(PATIENT, reading(10_000, memory));
  const holder = client(port).send(`${POST}Content-Length: 2501\r\n\r\n${"x".repeat(2_500)}`);
  // Read by now: a round trip on another connection came back.
  const send = async (bytes: number) => {
    const one = client(port).send(`${POST}Content-Length: ${bytes}\r\n\r\n${"y".repeat(bytes)}`);
    await expect.poll(() => one.received).toMatch(/read|refused/);
    return /(read|refused) \S+/.exec(one.received)?.[0];
  };
  await expect.poll(() => send(1_000)).toBe("refused too-busy");
  expect(await send(100)).toBe("read 100");
  holder.send("x");
  await expect.poll(() => holder.received).toContain("read 2501");
  expect(await send(1_000)).toBe("read 1000");
});

test("beyond the number of connections a new one is closed, and finds room when another has gone", async () => {
  const port = await listening({ ...PATIENT, connectionsMax: 3 });
  const held = [client(port), client(port), client(port)];
  for (const one of held) one.send(GET);
  for (const one of held) await expect.poll(() => one.received).toContain("read 0");
  await client(port).closed;
  held[0]!.end();
  await expect
    .poll(async () => {
      const next = client(port).send(GET);
      await expect.poll(() => next.isClosed || next.received !== "").toBe(true);
      return next.received;
    })
    .toContain("read 0");
});

test("one who is answered before the end of its request and never sends that end is cut off", async () => {
  const port = await listening(QUICK, (_request, response) => response.end("no "));
  const caller = client(port).send(`${POST}Content-Length: 1000\r\n\r\nx`);
  await caller.closed;
  expect(caller.statuses()).toEqual([200]);
});

test("one who never reads its answer is cut off", async () => {
  const port = await listening(QUICK, (_request, response) =>
    response.end(Buffer.alloc(64_000_000)),
  );
  const deaf = client(port, { reads: false }).send(GET);
  const ended = once(server!, "connection").then(([socket]) => once(socket, "close"));
  await ended;
  expect(deaf.received).toBe("");
});

test("an ordinary client sees a refusal of its half-sent request as an answer", async () => {
  const port = await listening(QUICK);
  const request = ask({
    port,
    host: "127.0.0.1",
    method: "POST",
    headers: { "content-length": 9 },
  });
  request.on("error", () => {});
  request.write("x");
  const [response] = await once(request, "response");
  expect(response.statusCode).toBe(408);
});
