import { afterEach, expect, test } from "vitest";
import { type Reply, VendorServer } from "./testing/vendor-server.ts";
import { callVendor } from "./vendor-call.ts";

const servers: VendorServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function call(reply: Reply, timeoutMs = 10_000, signal = new AbortController().signal) {
  const server = await VendorServer.start(() => reply);
  servers.push(server);
  const url = `${server.url}/secret-token`;
  const request = {
    vendor: "Vendor",
    method: "POST",
    url,
    body: { text: "é" },
    timeoutMs,
  } as const;
  return callVendor(request, () => null, signal);
}

test("what is neither taken nor final is tried again, and never sooner than the vendor says", async () => {
  expect(await call({ status: 200 })).toEqual({ kind: "sent" });
  expect(await call({ status: 500, body: { message: "oh" } })).toEqual({
    kind: "later",
    reason: "Vendor answered 500: oh",
    retryAfterMs: null,
  });
  const wait = async (value: string, more: Record<string, string> = {}) => {
    const sent = await call({ status: 429, headers: { "retry-after": value, ...more } });
    return sent.kind === "later" ? sent.retryAfterMs : sent.kind;
  };
  expect(await wait("3")).toBe(3_000);
  expect(await wait("0.25")).toBe(250);
  const date = "Sun, 22 Nov 2026 12:00:00 GMT";
  expect(await wait("Sun, 22 Nov 2026 12:01:30 GMT", { date })).toBe(90_000);
  // "At once" would be a loop without a pause.
  expect(await wait("Sun, 22 Nov 2026 11:00:00 GMT", { date })).toBeNull();
  expect(await wait("0")).toBeNull();
  // Nobody holds a reply back for days because of a header.
  expect(await wait("99999999")).toBe(3_600_000);
  for (const nonsense of ["soon", "-1", "1e9", "NaN"]) expect(await wait(nonsense)).toBeNull();
});

test("no answer, half an answer and a proxy's shrug mean that nobody knows", async () => {
  const unknown = { kind: "unknown", reason: "Vendor gave no answer" };
  expect(await call("hang", 100)).toEqual(unknown);
  expect(await call("cut")).toEqual(unknown);
  expect(await call({ status: 200, delayMs: 5_000 }, 100)).toEqual(unknown);
  for (const status of [502, 504]) expect((await call({ status })).kind).toBe("unknown");
  const breaking = new AbortController();
  setTimeout(() => breaking.abort(), 50);
  expect(await call("hang", 10_000, breaking.signal)).toEqual(unknown);
});

test("where no connection comes about, nothing was sent", async () => {
  const server = await VendorServer.start(() => ({ status: 200 }));
  const { url } = server;
  await server.stop();
  const request = { vendor: "Vendor", method: "POST", url, body: {} } as const;
  expect(await callVendor(request, () => null, new AbortController().signal)).toEqual({
    kind: "later",
    reason: "Vendor cannot be reached",
    retryAfterMs: null,
  });
});

test("a redirection is not followed: the token stays with the vendor it was given for", async () => {
  const elsewhere = await VendorServer.start(() => ({ status: 200 }));
  servers.push(elsewhere);
  const sent = await call({ status: 307, headers: { location: elsewhere.url } });
  expect(sent.kind).toBe("later");
  expect(elsewhere.calls).toEqual([]);
});

test("an answer without end is not read to its end, and one that is no JSON says nothing", async () => {
  const long = JSON.stringify({ message: "x".repeat(10_000_000) });
  expect(await call({ status: 503, body: long })).toMatchObject({
    reason: "Vendor answered 503: no reason given",
  });
  expect(await call({ status: 503, body: "<html>" })).toMatchObject({ kind: "later" });
});

test("no reason ever holds the address, which may hold a token", async () => {
  for (const reply of ["hang", "cut", { status: 500 }] as const) {
    expect(JSON.stringify(await call(reply, 100))).not.toContain("secret-token");
  }
});
