import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { initTRPC, TRPCError } from "@trpc/server";
import { getWSConnectionHandler } from "@trpc/server/adapters/ws";
import { afterEach, beforeEach, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { StaleController } from "../controller/stale-controller.ts";
import { Agent } from "./agent.ts";

/** As much of an agent as an order meets: it remembers the highest epoch, and what was really done. */
let highest: number;
let drained: number[];
const t = initTRPC.create({
  errorFormatter: ({ shape }) => ({
    ...shape,
    data: { code: shape.data.code, reason: "STALE_CONTROLLER" },
  }),
});
const heed = (epoch: number) => {
  if (epoch < highest) throw new TRPCError({ code: "CONFLICT", message: "stale" });
  highest = epoch;
};
const order = z.object({ epoch: z.number() });
const fakeAgent = t.router({
  host: t.router({ heed: t.procedure.input(order).mutation(({ input }) => heed(input.epoch)) }),
  gateways: t.router({
    drain: t.procedure.input(order.loose()).mutation(({ input }) => {
      heed(input.epoch);
      drained.push(input.epoch);
      return {};
    }),
  }),
});

let server: Server;
let sockets: WebSocketServer;
let client: WebSocket;
let epoch: number;
let agent: Agent;
beforeEach(async () => {
  highest = 0;
  drained = [];
  epoch = 5;
  server = createServer();
  sockets = new WebSocketServer({ server });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = new Promise<WebSocket>((resolve) => sockets.once("connection", resolve));
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  getWSConnectionHandler({ router: fakeAgent, wss: new Set() as unknown as WebSocketServer })(
    client,
    { url: "/", headers: {}, socket: {} } as never,
  );
  agent = new Agent("host-a", await accepted, () => epoch);
});
afterEach(() => {
  client.terminate();
  sockets.close();
  server.close();
});

it("⚑ a console that was paused and wakes up is told by the agent that another one acts", async () => {
  await agent.drainGateway("gw-1", true);
  highest = 6;
  await expect(agent.drainGateway("gw-1", true)).rejects.toThrow(StaleController);
  await expect(agent.heed()).rejects.toThrow(StaleController);
  expect(drained).toEqual([5]);
});

it("a console that begins to act is above the one before as soon as it has said so", async () => {
  epoch = 6;
  await agent.heed();
  epoch = 5;
  await expect(agent.drainGateway("gw-1", true)).rejects.toThrow(StaleController);
  expect(drained).toEqual([]);
});

it("a console that stands by orders nothing at all", async () => {
  const standing = new Error("This console stands by.");
  const mute = new Agent("host-a", [...sockets.clients][0]!, () => {
    throw standing;
  });
  await expect(mute.drainGateway("gw-1", true)).rejects.toBe(standing);
  expect(drained).toEqual([]);
});
