import { tracked } from "@trpc/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Console } from "../console.ts";
import { type ConsoleServer, ROOT_TOKEN, startConsoleServer } from "../testing/console-server.ts";
import { pathOf } from "./openapi.ts";
import { PROCEDURES } from "./procedures.ts";

/** Says what it was asked; operation `op_1` is of fleet f. Subscriptions say it twice and end. */
const echo = new Proxy({} as Console, {
  has: () => true,
  ownKeys: () => [],
  get: (_, room) =>
    new Proxy(
      {},
      {
        get:
          (_, verb) =>
          (...args: unknown[]) =>
            answer(String(room), String(verb), args),
      },
    ),
});

function answer(room: string, verb: string, args: unknown[]): unknown {
  const said = {
    asked: `${room}.${verb}`,
    args: args.filter((arg) => !(arg instanceof AbortSignal)),
  };
  if (room === "fleets" && verb === "list") return [{ fleet: "f" }];
  if (room === "fleets") return Promise.resolve({ ...said, hosts: [said] });
  if (room === "edges") return Promise.resolve([{ ...said, differs: true }]);
  if (room === "operations" && verb === "get") return Promise.resolve({ fleet: "f", ...said });
  if (room === "feed") {
    return (async function* () {
      yield { id: "b-1", message: said };
      yield { id: "b-2", message: said };
    })();
  }
  if (room === "logs") {
    return Promise.resolve(
      (async function* () {
        yield { line: "one", ...said };
      })(),
    );
  }
  return Promise.resolve(said);
}

const ROOMS = [
  ...["fleets", "operations", "commands", "sessions", "figures", "hosts", "edges", "logs", "feed"],
  ...["audit", "people", "tokens", "invitations", "deadLetters", "releases"],
] as const;

const INPUT: Record<string, unknown> = {
  fleet: "f",
  gateway: "gw-1",
  host: "host-a",
  kind: "switchover",
  operationId: "op_1",
  session: "web:alice",
  window: "1h",
  limit: 3,
  tail: 1,
  query: "42",
  strategy: { soakMs: 5 },
  userId: "u",
  loginId: "l",
  tokenId: "t",
  invitationId: "i",
  email: "new@example.com",
  roles: { "*": "viewer" },
  name: "ci",
  role: "viewer",
  days: 1,
  confirm: "f",
  yaml: "fleet: f",
  shard: 0,
  id: "1-0",
};
const inputOf = (name: string): Record<string, unknown> => {
  const taken = Object.keys(PROCEDURES.get(name)!.input?.properties ?? {});
  return Object.fromEntries(
    Object.entries(INPUT).filter(
      ([key]) => taken.includes(key) && !(key === "kind" && name === "operations.list"),
    ),
  );
};
const queryOf = (input: Record<string, unknown>) =>
  new URLSearchParams(
    Object.entries(input).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ).toString();

let server: ConsoleServer;
const bearer = { authorization: `Bearer ${ROOT_TOKEN}` };
beforeAll(async () => {
  server = await startConsoleServer(
    Object.fromEntries(ROOMS.map((room) => [room, echo[room]])) as Partial<Console>,
  );
});
afterAll(() => server.close());

async function overRest(name: string, input: Record<string, unknown>, headers = {}) {
  const { method } = PROCEDURES.get(name)!;
  const response = await fetch(
    method === "GET"
      ? `${server.url}${pathOf(name)}?${queryOf(input)}`
      : `${server.url}${pathOf(name)}`,
    {
      method,
      headers: { ...bearer, "content-type": "application/json", ...headers },
      ...(method === "GET" ? {} : { body: JSON.stringify(input) }),
    },
  );
  const text = await response.text();
  return { status: response.status, text, headers: response.headers };
}

async function overTrpc(name: string, input: Record<string, unknown>) {
  const url = `${server.url}/api/trpc/${name}`;
  const { method } = PROCEDURES.get(name)!;
  const response = await fetch(
    method === "GET" ? `${url}?input=${encodeURIComponent(JSON.stringify(input))}` : url,
    {
      method,
      headers: { ...bearer, "content-type": "application/json" },
      ...(method === "GET" ? {} : { body: JSON.stringify(input) }),
    },
  );
  return response.json();
}

const plain = [...PROCEDURES.values()].filter(({ streams }) => !streams).map(({ name }) => name);

describe("every procedure over REST", () => {
  it.each(plain)("%s answers what it answers over tRPC", async (name) => {
    const input = inputOf(name);
    const rest = await overRest(name, input);
    const trpc = await overTrpc(name, input);
    if (trpc.error) {
      expect(rest.status).toBe(trpc.error.data.httpStatus);
      expect(JSON.parse(rest.text)).toEqual({
        error: {
          code: trpc.error.data.code,
          reason: trpc.error.data.reason,
          message: trpc.error.message,
        },
      });
      // Nothing but what is a person's own is refused to the token of everything.
      expect(name).toMatch(/^account\./);
    } else {
      expect(rest.status).toBe(200);
      expect(JSON.parse(rest.text)).toEqual(trpc.result.data);
    }
  });

  it("streams a subscription as server-sent events that can be resumed", async () => {
    const { status, text, headers } = await overRest(
      "events.subscribe",
      { fleet: "f" },
      {
        "last-event-id": "b-0",
      },
    );
    expect(status).toBe(200);
    expect(headers.get("content-type")).toMatch("text/event-stream");
    const events = text.split("\n\n").filter((event) => event.startsWith("id:"));
    expect(events.map((event) => event.split("\n")[0])).toEqual(["id: b-1", "id: b-2"]);
    expect(text).toContain(JSON.stringify({ asked: "feed.subscribe", args: ["f", "b-0"] }));
    expect((await overRest("gateways.logs", inputOf("gateways.logs"))).text).toContain(
      '"line":"one"',
    );
  });
});

it("a question that is too long for an address is answered from a body", async () => {
  const input = { fleet: "f", config: "x".repeat(40_000), strategy: { soakMs: 5 } };
  const response = await fetch(`${server.url}${pathOf("rollouts.plan")}`, {
    method: "POST",
    headers: { ...bearer, "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  expect(await response.json()).toEqual({ asked: "commands.planRollout", args: [input] });
});

describe("what does not fit", () => {
  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${server.url}${path}`, { ...init, headers: { ...bearer, ...init.headers } });

  it.each([
    ["/api/v1/fleets/nothing", {}, 404, "no-such-procedure"],
    ["/api/v1/fleets/get", {}, 400, "bad-input"],
    ["/api/v1/sessions/list?fleet=f&limit=many", {}, 400, "bad-input"],
    ["/api/v1/fleets/get?fleet=f", { method: "POST" }, 405, "method-not-supported"],
    ["/api/v1/failover/execute", { method: "GET" }, 405, "method-not-supported"],
    ["/api/v1/edges/apply", { method: "POST", body: "fleet=f" }, 415, "not-json"],
    [
      "/api/v1/edges/apply",
      { method: "POST", body: "{", headers: { "content-type": "application/json" } },
      400,
      "bad-body",
    ],
    [
      "/api/v1/fleets/get?fleet=f",
      { headers: { authorization: "Bearer wrong" } },
      401,
      "not-logged-in",
    ],
  ] as [string, RequestInit, number, string][])("%s %o", async (path, init, status, reason) => {
    const response = await get(path, init);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { code: expect.any(String), reason, message: expect.any(String) },
    });
  });

  it("keeps text text: a session called 42 is no number", async () => {
    const { text } = await overRest("sessions.get", { fleet: "f", session: "42" });
    expect(JSON.parse(text).args).toEqual(["f", "42"]);
  });
});

describe("an answer of the API", () => {
  it.each(["/api/v1/fleets/list", "/api/trpc/fleets.list", "/api/v1/openapi.json", "/metrics"])(
    "%s is kept by nobody and framed by nobody",
    async (path) => {
      const { headers } = await fetch(`${server.url}${path}`, { headers: bearer });
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("content-security-policy")).toBe(
        "default-src 'none'; frame-ancestors 'none'",
      );
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    },
  );
});

// The envelope that subscriptions yield is tRPC's own; this holds what sendStream relies on.
it("an event's id and data stand in tRPC's envelope in this order", () => {
  expect([...tracked("a", 1)].slice(0, 2)).toEqual(["a", 1]);
});

describe("a stream", () => {
  it("ends for whoever's token is revoked while it runs", async () => {
    let push: (() => void) | undefined;
    const live = await startConsoleServer({
      feed: {
        subscribe: async function* () {
          for (let n = 1; ; n++) {
            yield { id: `b-${n}`, message: { type: "event" } as never };
            await new Promise<void>((resolve) => {
              push = resolve;
            });
          }
        },
      },
    });
    try {
      const post = (path: string, body: object) =>
        fetch(`${live.url}/api/v1/${path}`, {
          method: "POST",
          headers: { ...bearer, "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      const made = await post("tokens/create", { name: "ci", role: "viewer", fleet: "f", days: 1 });
      const { id, token } = (await made.json()) as { id: string; token: string };
      const { body } = await fetch(`${live.url}/api/v1/events/subscribe?fleet=f`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
      const heard: string[] = [];
      const listening = (async () => {
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          heard.push(part.value);
        }
      })();
      await expect.poll(() => heard.join("")).toContain("id: b-1");
      push!();
      await expect.poll(() => heard.join("")).toContain("id: b-2");
      await post("tokens/revoke", { tokenId: id });
      live.clock.advance(5_000);
      push!();
      await listening;
      expect(heard.join("")).not.toContain("id: b-3");
    } finally {
      await live.close();
    }
  });
});
