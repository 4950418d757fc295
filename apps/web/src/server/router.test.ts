import { Refusal } from "@chela/shared/errors/refusal";
import type { Viewer } from "@chela/shared/fleet/view";
import { TRPCError } from "@trpc/server";
import { describe, expect, it } from "vitest";
import type { Console } from "./console.ts";
import { appRouter } from "./router.ts";

/** Any call that gets this far has passed the gate. */
const reached = new Proxy({} as Console, {
  get: () => {
    throw new Refusal("CONFLICT", "reached", "The console was asked.");
  },
});
const viewer = (role: Viewer["role"]): Viewer => ({
  name: "v",
  email: "v@x",
  role,
  via: "session",
});

const FULL_INPUT = {
  fleet: "f",
  gateway: "gw-1",
  host: "host-a",
  kind: "switchover",
  operationId: "op_1",
  session: "web:alice",
  window: "1h",
  shard: 0,
  id: "1-0",
  strategy: {},
};

type Call = (input: unknown) => Promise<unknown>;
type Rooms = Record<string, unknown>;
const procedures = Object.keys(appRouter._def.procedures);

/** What a procedure answers to someone: the code of its error, or `done`. */
async function ask(path: string, as: Viewer | null): Promise<string> {
  const context = { console: reached, viewer: as, from: null };
  const caller = appRouter.createCaller(context) as unknown as Record<string, Rooms>;
  const [room, verb] = path.split(".");
  const target = (path === "edges.apply" ? caller[path] : caller[room!]![verb!]) as Call;
  const input = path === "operations.list" ? {} : FULL_INPUT;
  try {
    const result = await target(input);
    const iterator = (result as AsyncIterable<unknown> | null)?.[Symbol.asyncIterator]?.();
    await iterator?.next();
    return "done";
  } catch (error) {
    if (error instanceof TRPCError) return error.code;
    throw error;
  }
}

describe("every procedure", () => {
  it.each(procedures)("%s refuses whoever is not logged in", async (path) => {
    expect(await ask(path, null)).toBe("UNAUTHORIZED");
  });

  it.each(procedures)("%s lets an administrator through", async (path) => {
    // Subscriptions throw while they are read, past tRPC's own wrapping.
    expect(await ask(path, viewer("admin")).catch((error) => error.code)).toMatch(
      /^(CONFLICT|done)$/,
    );
  });
});

describe("roles", () => {
  const types = Object.entries(
    appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
  );
  const mutations = types.filter(([, { _def }]) => _def.type === "mutation").map(([path]) => path);

  it.each(mutations)("a viewer may not %s", async (path) => {
    expect(await ask(path, viewer("viewer"))).toBe("FORBIDDEN");
  });

  it("an operator may promote, and may not let hosts join or revoke them", async () => {
    expect(await ask("failover.execute", viewer("operator"))).toBe("CONFLICT");
    expect(await ask("hosts.createJoinToken", viewer("operator"))).toBe("FORBIDDEN");
    expect(await ask("hosts.revoke", viewer("operator"))).toBe("FORBIDDEN");
  });
});

it("holds the procedures that the contract names", () => {
  expect(procedures).toEqual(
    expect.arrayContaining([
      ...["fleets.list", "fleets.get", "failover.preview", "failover.execute"],
      ...["rollouts.plan", "rollouts.start", "rollouts.pause", "rollouts.resume"],
      ...["rollouts.approve", "rollouts.abort", "rollouts.rollback"],
      ...["operations.get", "operations.list", "sessions.list", "sessions.get"],
      ...["dedupe.stats", "figures.series", "hosts.list", "hosts.createJoinToken"],
      ...["hosts.revoke", "hosts.cordon", "hosts.uncordon", "edges.get", "edges.preview"],
      ...["edges.apply", "gateways.restart", "gateways.drain", "gateways.undrain"],
      ...["gateways.logs", "events.subscribe", "audit.list"],
      ...["deadLetters.list", "deadLetters.redrive", "deadLetters.discard"],
    ]),
  );
});
