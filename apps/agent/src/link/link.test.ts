import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@chela/shared/clock/system-clock";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type WebSocket as Socket, WebSocketServer } from "ws";
import { AgentFault } from "../fault.ts";
import type { AgentParts, AgentRouter } from "../router.ts";
import { Journal } from "../state/journal.ts";
import { runLink } from "./link.ts";
import { routerOn } from "./serve.ts";

/** The console's end: a real server, a real socket, tRPC's own client over what was accepted. */
let server: WebSocketServer;
let stopping: AbortController;
let ended: Promise<void>;
let said: string[];
let folder: string;
let links: boolean[];

/** What was really done, and the epochs that the agent keeps on disk. */
let stopped: string[];
let journal: Journal;

const parts = {
  heed: (epoch: number) => journal.heed(epoch),
  gateways: {
    stop: async (gateway: string) => {
      stopped.push(gateway);
      return {};
    },
  },
  host: {
    describe: async () => ({ host: "berlin-2" }),
    configure: async () => {
      throw new AgentFault("NOT_FOUND", "There is no such thing here.");
    },
  },
  watch: {
    events: async function* (signal: AbortSignal) {
      for (let n = 0; !signal.aborted && n < 3; n++) yield { detail: `event ${n}` };
    },
  },
} as unknown as AgentParts;

beforeEach(async () => {
  server = new WebSocketServer({ host: "127.0.0.1", port: 0, path: "/agent" });
  await once(server, "listening");
  stopping = new AbortController();
  said = [];
  links = [];
  stopped = [];
  folder = await mkdtemp(join(tmpdir(), "chela-link-"));
  journal = await Journal.open(join(folder, "journal.json"));
});
afterEach(async () => {
  stopping.abort();
  await ended;
  for (const socket of server.clients) socket.terminate();
  server.close();
  await rm(folder, { recursive: true });
});

function start(): void {
  const { port } = server.address() as AddressInfo;
  const log = pino({}, { write: (line: string) => said.push(JSON.parse(line).msg) });
  ended = runLink(
    {
      url: new URL(`ws://127.0.0.1:${port}/agent`),
      hello: { protocol: 1, host: "berlin-2", secret: "s", agentVersion: "1" },
      ...{ clock: systemClock, log, serve: routerOn(parts, () => {}) },
      connected: (up) => links.push(up),
    },
    stopping.signal,
  );
}

/** The next agent that dials in, after its first frame. */
async function accept(answer: object): Promise<{ socket: Socket; hello: unknown }> {
  const [socket] = (await once(server, "connection")) as [Socket];
  const [first] = (await once(socket, "message")) as [Buffer];
  socket.send(JSON.stringify(answer));
  return { socket, hello: JSON.parse(String(first)) };
}

function clientOver(socket: Socket) {
  class Accepted extends EventTarget {
    static readonly OPEN = 1;
    static readonly CLOSED = 3;
    readyState = 0;
    constructor() {
      super();
      socket.on("message", (data) =>
        this.dispatchEvent(new MessageEvent("message", { data: String(data) })),
      );
      setImmediate(() => {
        this.readyState = 1;
        this.dispatchEvent(new Event("open"));
      });
    }
    send = (data: string) => socket.send(data);
    close = () => socket.close();
  }
  const WebSocket = Accepted as unknown as typeof globalThis.WebSocket;
  const client = createWSClient({ url: "ws://agent.invalid", WebSocket });
  return createTRPCClient<AgentRouter>({ links: [wsLink({ client })] });
}

test("after hello and welcome the console calls the agent's router over the dialled socket", async () => {
  const accepting = accept({ type: "welcome" });
  start();
  const { socket, hello } = await accepting;
  expect(hello).toEqual({ protocol: 1, host: "berlin-2", secret: "s", agentVersion: "1" });

  const agent = clientOver(socket);
  expect(await agent.host.describe.query()).toMatchObject({ host: "berlin-2" });
  const many = await Promise.all(Array.from({ length: 200 }, () => agent.host.describe.query()));
  expect(many).toHaveLength(200);

  const events: string[] = [];
  await new Promise<void>((resolve, reject) => {
    agent.watch.events.subscribe(undefined, {
      onData: (event) => events.push(event.detail),
      onComplete: resolve,
      onError: reject,
    });
  });
  expect(events).toEqual(["event 0", "event 1", "event 2"]);
});

test("what the agent refuses arrives with its stable code and sentence, without a stack", async () => {
  const accepting = accept({ type: "welcome" });
  start();
  const agent = clientOver((await accepting).socket);
  const configuration = {
    ...{ fleet: "chela", host: "x", region: null, redisUrl: "redis://r" },
    ...{ keyPrefix: "openclaw:", shards: 16, network: null },
  };
  const error = await agent.host.configure.mutate(configuration).catch((refusal) => refusal);
  expect(error.message).toBe("There is no such thing here.");
  expect(error.data).toEqual({
    code: "INTERNAL_SERVER_ERROR",
    path: "host.configure",
    reason: "NOT_FOUND",
  });
});

test("a paused controller that wakes up does not stop a gateway", async () => {
  const accepting = accept({ type: "welcome" });
  start();
  const agent = clientOver((await accepting).socket);
  const order = { gateway: "gw-1", operation: { id: "op_1", step: "1-stop" } };
  await agent.gateways.stop.mutate({ ...order, epoch: 5 });
  // The one that follows tells the agent that it acts; only then the paused one wakes up.
  await agent.host.heed.mutate({ epoch: 6 });
  const woken = agent.gateways.stop.mutate({ ...order, epoch: 5 });
  const refusal = await woken.catch((error) => error);
  expect(refusal.data.reason).toBe("STALE_CONTROLLER");
  expect(stopped).toEqual(["gw-1"]);
  // Also by an agent that was started anew meanwhile.
  journal = await Journal.open(join(folder, "journal.json"));
  await expect(agent.gateways.stop.mutate({ ...order, epoch: 5 })).rejects.toThrow("epoch 6");
  await agent.gateways.stop.mutate({ ...order, epoch: 6 });
  expect(stopped).toEqual(["gw-1", "gw-1"]);
});

test("a link that ends is dialled again at once, as often as it takes", async () => {
  const first = accept({ type: "welcome" });
  start();
  (await first).socket.terminate();
  const second = accept({ type: "welcome" });
  (await second).socket.terminate();
  const third = await accept({ type: "welcome" });
  expect(await clientOver(third.socket).host.describe.query()).toMatchObject({ host: "berlin-2" });
  expect(links).toEqual([true, false, true, false, true]);
});

test("a host that the console refuses serves nothing and says the console's reason once", async () => {
  const accepting = accept({ type: "refused", code: "REVOKED", message: "This host was revoked." });
  start();
  const { socket } = await accepting;
  await once(socket, "close");
  expect(said).toEqual(["This host was revoked."]);
  expect(links).toEqual([]);
});

test("a console that never answers hello is not a console", async () => {
  const accepting = accept({ type: "something else" });
  start();
  await once((await accepting).socket, "close");
  expect(said[0]).toMatch(/does not answer like a Chela console/);
});
