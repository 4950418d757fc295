import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { HostReport } from "@chela/shared/agent-link/schema";
import { initTRPC } from "@trpc/server";
import { getWSConnectionHandler } from "@trpc/server/adapters/ws";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, type WebSocketServer } from "ws";
import { z } from "zod";
import { sha256 } from "../auth/hash.ts";
import { AgentDoor } from "./door.ts";
import { AgentLinks } from "./links.ts";
import { Transfers } from "./transfers.ts";

const report = { at: "now", gateways: [], edges: [] } as unknown as HostReport;

/** As much of an agent's router as these tests ask. */
const t = initTRPC.create();
const fakeAgent = t.router({
  host: t.router({ configure: t.procedure.input(z.unknown()).mutation(() => undefined) }),
  gateways: t.router({
    drain: t.procedure.input(z.unknown()).mutation(() => {
      throw new Error("no such gateway");
    }),
  }),
  watch: t.router({
    observe: t.procedure.subscription(async function* ({ signal }) {
      yield report;
      await new Promise((resolve) => signal?.addEventListener("abort", resolve));
    }),
    events: t.procedure.subscription(async function* () {}),
  }),
});

let server: Server;
let links: AgentLinks;
let others: AgentLinks;
const sockets: WebSocket[] = [];

/** Both fleets have a host of this name. */
const linksOf = (fleet: string, secret: string) =>
  new AgentLinks({
    hosts: async () => [
      {
        fleet,
        name: "host-a",
        region: null,
        place: "local",
        secretHash: sha256(secret),
        cordoned: false,
        joinedAtMs: 0,
      },
    ],
    configurationOf: () => ({}) as never,
    redisTrial: () => null,
    nowMs: () => 1,
    acting: { current: null, epoch: 1, doubt: () => {} },
    log: pino({ level: "silent" }),
  });

beforeEach(async () => {
  links = linksOf("f", "secret");
  others = linksOf("other", "other secret");
  const door = new AgentDoor({
    linksOf: (fleet) => ({ f: links, other: others })[fleet],
    firstFleet: "f",
    log: pino({ level: "silent" }),
  });
  server = createServer();
  server.on("upgrade", (request, socket, head) => door.accept(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
  server.close();
});

const port = () => (server.address() as AddressInfo).port;

/** Dials like an agent; answers the console's first frame and serves the router once welcome. */
function dial(hello: object): Promise<{ type: string; socket: WebSocket }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port()}/agent`);
  sockets.push(socket);
  socket.on("open", () => socket.send(JSON.stringify(hello)));
  return new Promise((resolve) => {
    socket.once("message", (data) => {
      const answer = JSON.parse(String(data)) as { type: string };
      if (answer.type === "welcome") {
        getWSConnectionHandler({ router: fakeAgent, wss: new Set() as unknown as WebSocketServer })(
          socket,
          { url: "/agent", headers: {}, socket: {} } as never,
        );
      }
      resolve({ type: answer.type, socket });
    });
  });
}

const hello = { protocol: 1, host: "host-a", secret: "secret", agentVersion: "1" };
const next = (event: "report" | "disconnected", of = links) =>
  new Promise<string>((resolve) => of.once(event, (host) => resolve(host)));

describe("an agent's link", () => {
  it("is accepted with the host's own secret, and its reports arrive", async () => {
    const reported = next("report");
    expect((await dial(hello)).type).toBe("welcome");
    expect(await reported).toBe("host-a");
    expect(links.get("host-a")?.report).toEqual(report);
  });

  it.each([
    ["a wrong secret", { ...hello, secret: "other" }],
    ["an unknown host", { ...hello, host: "host-b" }],
    ["another protocol", { ...hello, protocol: 2 }],
    ["another fleet's secret", { ...hello, fleet: "other" }],
    ["a fleet that there is not", { ...hello, fleet: "third" }],
  ])("is refused with %s", async (_, said) => {
    expect((await dial(said)).type).toBe("refused");
    expect([...links.hosts(), ...others.hosts()]).toEqual([]);
  });

  it("belongs to the fleet it names, beside another fleet's host of the same name", async () => {
    const reported = [next("report"), next("report", others)];
    expect((await dial({ ...hello, fleet: "f" })).type).toBe("welcome");
    expect((await dial({ ...hello, fleet: "other", secret: "other secret" })).type).toBe("welcome");
    await Promise.all(reported);
    const gone = next("disconnected", others);
    others.cut("host-a");
    await gone;
    expect([links.hosts(), others.hosts()]).toEqual([["host-a"], []]);
  });

  it("hands on what the agent refuses, and refuses itself once the connection is gone", async () => {
    const reported = next("report");
    const { socket } = await dial(hello);
    await reported;
    await expect(links.agent("host-a").drainGateway("gw-1", true)).rejects.toThrow(
      "no such gateway",
    );
    const agent = links.agent("host-a");
    const gone = next("disconnected");
    socket.terminate();
    await gone;
    await expect(agent.drainGateway("gw-1", true)).rejects.toMatchObject({ reason: "AGENT_GONE" });
    expect(() => links.agent("host-a")).toThrow("not connected");
    expect(links.lastKnown("host-a")?.report).toEqual(report);
  });

  it("that is dialled anew replaces the older one", async () => {
    const first = next("report");
    const { socket } = await dial(hello);
    await first;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const again = next("report");
    await dial(hello);
    await Promise.all([closed, again]);
    expect(links.hosts()).toEqual(["host-a"]);
  });
});

describe("a transfer", () => {
  it("carries one agent's upload into another one's download, once", async () => {
    const transfers = new Transfers();
    const relay = createServer((request, response) =>
      transfers.handle(request.url!.slice(1), request, response),
    );
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(relay.address() as AddressInfo).port}/one`;
    transfers.open("one");
    const body = Buffer.alloc(5_000_000, 7);
    const [put, got] = await Promise.all([
      fetch(url, { method: "PUT", body }),
      fetch(url).then(async (response) => Buffer.from(await response.arrayBuffer())),
    ]);
    expect(put.status).toBe(204);
    expect(got.equals(body)).toBe(true);
    expect((await fetch(url)).status).toBe(404);
    relay.close();
  });
});
