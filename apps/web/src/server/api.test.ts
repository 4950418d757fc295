import type { RolloutPlan } from "@chela/shared/fleet/view";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Console } from "./console.ts";
import {
  Browser,
  type ConsoleServer,
  ROOT_TOKEN,
  startConsoleServer,
} from "./testing/console-server.ts";

let server: ConsoleServer;
const planned: unknown[] = [];
const commands = {
  planRollout: async (request: unknown) => {
    planned.push(request);
    return {} as RolloutPlan;
  },
} as unknown as Console["commands"];

beforeAll(async () => {
  server = await startConsoleServer({ commands });
});
afterAll(() => server.close());

it("answers a question that is too long for an address, and leaves no record of it", async () => {
  const question = { fleet: "f", config: JSON.stringify({ text: "x".repeat(100_000) }) };
  const { status } = await new Browser(server.url).post("/api/trpc/rollouts.plan", question, {
    authorization: `Bearer ${ROOT_TOKEN}`,
  });
  expect(status).toBe(200);
  expect(planned).toMatchObject([{ fleet: "f", config: question.config }]);
  expect(await server.database.selectFrom("audit").selectAll().execute()).toEqual([]);
});

it("takes no order as a question", async () => {
  const { status } = await new Browser(server.url).get(
    `/api/trpc/hosts.cordon?input=${encodeURIComponent('{"fleet":"f","host":"h"}')}`,
  );
  expect(status).toBe(405);
});
