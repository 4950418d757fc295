import type { IncomingMessage } from "node:http";
import { mayIn, reaches, type ViewerRole } from "@chela/shared/access/roles";
import { TestClock } from "@chela/shared/clock/test-clock";
import { Refusal } from "@chela/shared/errors/refusal";
import type { Viewer } from "@chela/shared/fleet/view";
import { TRPCError } from "@trpc/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Auth, openAuth } from "../auth/auth.ts";
import { sha256 } from "../auth/hash.ts";
import { ApiTokens } from "../auth/tokens.ts";
import { callerReader, viewerOf } from "../auth/viewer.ts";
import { ApiTokenStore } from "../store/api-tokens.ts";
import { type Database, openSqlite } from "../store/sqlite.ts";
import { UserRoleStore } from "../store/user-roles.ts";
import { contextOf } from "./api.ts";
import type { Console } from "./console.ts";
import { appRouter } from "./router.ts";
import type { Context } from "./trpc.ts";

/** Who may what: a procedure that is added needs a row here. */
const DEMANDS: Record<string, readonly [where: string, role: ViewerRole | null]> = {
  "account.endLogin": ["person", null],
  "account.endOtherLogins": ["person", null],
  "account.logins": ["person", null],
  "audit.actors": ["any", "viewer"],
  "audit.export": ["any", "viewer"],
  "audit.list": ["any", "viewer"],
  "audit.verify": ["any", "viewer"],
  "deadLetters.discard": ["fleet", "operator"],
  "deadLetters.list": ["fleet", "viewer"],
  "deadLetters.redrive": ["fleet", "operator"],
  "dedupe.stats": ["fleet", "viewer"],
  "edges.apply": ["fleet", "operator"],
  "edges.get": ["fleet", "viewer"],
  "edges.preview": ["fleet", "viewer"],
  "events.subscribe": ["fleet", "viewer"],
  "failover.acknowledge": ["fleet", "operator"],
  "failover.execute": ["fleet", "operator"],
  "failover.pause": ["fleet", "operator"],
  "failover.preview": ["fleet", "viewer"],
  "failover.resume": ["fleet", "operator"],
  "figures.series": ["fleet", "viewer"],
  "fleets.apply": ["fleet", "admin"],
  "fleets.create": ["console", "admin"],
  "fleets.export": ["fleet", "viewer"],
  "fleets.get": ["fleet", "viewer"],
  "fleets.list": ["any", "viewer"],
  "fleets.remove": ["console", "admin"],
  "gateways.create": ["fleet", "operator"],
  "gateways.drain": ["fleet", "operator"],
  "gateways.logs": ["fleet", "viewer"],
  "gateways.remove": ["fleet", "operator"],
  "gateways.restart": ["fleet", "operator"],
  "gateways.undrain": ["fleet", "operator"],
  "hosts.cordon": ["fleet", "operator"],
  "hosts.createJoinToken": ["fleet", "admin"],
  "hosts.drain": ["fleet", "operator"],
  "hosts.list": ["fleet", "viewer"],
  "hosts.previewDrain": ["fleet", "viewer"],
  "hosts.revoke": ["fleet", "admin"],
  "hosts.uncordon": ["fleet", "operator"],
  "images.list": ["fleet", "viewer"],
  "invitations.create": ["console", "admin"],
  "invitations.list": ["console", "admin"],
  "invitations.revoke": ["console", "admin"],
  "operations.abort": ["operation", "operator"],
  "operations.get": ["operation", "viewer"],
  "operations.list": ["any", "viewer"],
  "rollouts.abort": ["operation", "operator"],
  "rollouts.approve": ["operation", "operator"],
  "rollouts.configuration": ["fleet", "operator"],
  "rollouts.pause": ["operation", "operator"],
  "rollouts.plan": ["fleet", "viewer"],
  "rollouts.releases": ["fleet", "viewer"],
  "rollouts.resume": ["operation", "operator"],
  "rollouts.rollback": ["fleet", "operator"],
  "rollouts.start": ["fleet", "operator"],
  "sessions.get": ["fleet", "viewer"],
  "sessions.list": ["fleet", "viewer"],
  "tokens.create": ["self", null],
  "tokens.list": ["self", null],
  "tokens.revoke": ["self", null],
  "users.endLogins": ["console", "admin"],
  "users.list": ["console", "admin"],
  "users.logins": ["console", "admin"],
  "users.remove": ["console", "admin"],
  "users.resetTwoFactor": ["console", "admin"],
  "users.setRoles": ["console", "admin"],
  "viewer.me": ["self", null],
};

/** Fits every procedure; what it does not know it leaves aside. */
const INPUT = {
  fleet: "f",
  gateway: "gw-1",
  host: "host-a",
  operationId: "op_1",
  session: "web:alice",
  window: "1h",
  shard: 0,
  id: "1-0",
  strategy: {},
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
};
const KINDS: Record<string, object> = {
  "failover.preview": { kind: "switchover" },
  "failover.execute": { kind: "switchover" },
};

/** Operation `op_1` is of fleet f. Any other call that gets this far has passed the gate. */
const beyondTheGate = new Proxy({} as Console, {
  get: (_, room) =>
    new Proxy(
      {},
      {
        get: (_, verb) =>
          room === "operations" && verb === "get"
            ? async () => ({ fleet: "f" })
            : room === "audit" && verb === "append"
              ? async () => {}
              : () => {
                  throw new Refusal("CONFLICT", "reached", "The console was asked.");
                },
      },
    ),
});

type Call = (input: unknown) => Promise<unknown>;

/** What a procedure answers to someone: the code of its error, or `passes`. */
async function ask(path: string, context: Context): Promise<string> {
  const caller = appRouter.createCaller(context) as unknown as Record<string, Call> &
    Record<string, Record<string, Call>>;
  const [room, verb] = path.split(".") as [string, string];
  const call = path.endsWith(".apply") ? caller[path]! : caller[room]![verb]!;
  try {
    const result = await call({ ...INPUT, ...KINDS[path] });
    // Subscriptions throw while they are read, past tRPC's own wrapping.
    await (result as AsyncIterable<unknown> | null)?.[Symbol.asyncIterator]?.().next();
    return "passes";
  } catch (error) {
    if (error instanceof Refusal) return error.reason === "reached" ? "passes" : error.code;
    if (!(error instanceof TRPCError)) throw error;
    return error.code === "CONFLICT" ? "passes" : error.code;
  }
}

const clock = new TestClock();
let database: Database;
let auth: Auth;
const contexts: Record<string, Context> = {};

beforeAll(async () => {
  database = await openSqlite(":memory:");
  auth = await openAuth(database, {
    secret: "s".repeat(32),
    consoleUrl: "http://localhost:4400",
    trustedOrigins: [],
    record: async () => {},
  });
  const roles = new UserRoleStore(database);
  const tokens = new ApiTokens({
    clock,
    auth,
    store: new ApiTokenStore(database),
    roles,
    audit: async () => {},
  });
  const root = viewerOf(null, "root", null, { "*": "admin" }, "token");
  const by = { name: "root", from: null };
  const make = (role: ViewerRole, fleet: string, days: number | null = null) =>
    tokens.create({ name: `${role} of ${fleet}`, role, fleet, days }, root, by);
  const revoked = await make("admin", "*");
  const bearers = {
    viewer: await make("viewer", "f"),
    operator: await make("operator", "f"),
    admin: await make("admin", "f"),
    "admin of another fleet": await make("admin", "other"),
    "admin of every fleet": await make("admin", "*"),
    "expired token": await make("admin", "*", 1),
    "revoked token": revoked,
    "made-up token": { token: "chela_nothing" },
  };
  await tokens.revoke(revoked.id, root, by);
  clock.advance(2 * 24 * 60 * 60_000);
  const callerOf = callerReader({
    auth,
    apiTokenHash: sha256("of access.json"),
    tokens,
    roles,
    trustedOrigins: new Set(),
  });
  const request = (authorization?: string) =>
    ({
      method: "POST",
      headers: authorization === undefined ? {} : { authorization },
      socket: { remoteAddress: "192.0.2.1" },
    }) as unknown as IncomingMessage;
  const deps = { console: beyondTheGate, callerOf, onFault: () => {}, monotonicMs: () => 0 };
  contexts.nobody = await contextOf(deps, request());
  for (const [who, { token }] of Object.entries(bearers)) {
    contexts[who] = await contextOf(deps, request(`Bearer ${token}`));
  }
  contexts["token of access.json"] = await contextOf(deps, request("Bearer of access.json"));
  contexts["someone without a role"] = {
    ...contexts.nobody,
    viewer: viewerOf("u-1", "New", "new@example.com", {}, "session"),
    loginId: "l-1",
  };
});
afterAll(() => database.destroy());

const WHO = [
  "nobody",
  "viewer",
  "operator",
  "admin",
  "admin of another fleet",
  "admin of every fleet",
  "token of access.json",
  "someone without a role",
  "expired token",
  "revoked token",
  "made-up token",
];

function expected(viewer: Viewer | null, [where, role]: (typeof DEMANDS)[string]): string {
  if (viewer === null) return "UNAUTHORIZED";
  const may = {
    fleet: () => mayIn(viewer.roles, "f", role!),
    operation: () => mayIn(viewer.roles, "f", role!),
    console: () => mayIn(viewer.roles, "*", role!),
    any: () => reaches(viewer.role, role!),
    self: () => true,
    person: () => viewer.via === "session",
  }[where];
  return may?.() ? "passes" : "FORBIDDEN";
}

describe("who may what", () => {
  it("is written down for every procedure, and each asks for what is written", () => {
    const asked = Object.fromEntries(
      Object.entries(
        appRouter._def.procedures as unknown as Record<
          string,
          { _def: { meta: { where: string; role: ViewerRole | null } } }
        >,
      ).map(([path, { _def }]) => [path, [_def.meta.where, _def.meta.role]]),
    );
    expect(asked).toEqual(DEMANDS);
  });

  it.each(["nobody", "expired token", "revoked token", "made-up token"])("%s is nobody", (who) => {
    expect(contexts[who]!.viewer).toBeNull();
  });

  describe.each(WHO)("%s", (who) => {
    it.each(Object.keys(DEMANDS))("%s", async (path) => {
      const context = contexts[who]!;
      expect(await ask(path, context)).toBe(expected(context.viewer, DEMANDS[path]!));
    });
  });
});

describe("lists across fleets", () => {
  it("hold only what one may see", async () => {
    const asked: unknown[] = [];
    const console = {
      fleets: { list: () => [{ fleet: "f" }, { fleet: "other" }] },
      operations: { list: async (filter: unknown) => asked.push(filter) },
      audit: { list: async (filter: unknown) => asked.push(filter) },
    } as unknown as Console;
    const as = (who: string) => appRouter.createCaller({ ...contexts[who]!, console });
    expect((await as("viewer").fleets.list()).items).toEqual([{ fleet: "f" }]);
    expect((await as("admin of every fleet").fleets.list()).items).toHaveLength(2);
    await as("viewer").operations.list({});
    await as("viewer").operations.list({ fleet: "other" });
    await as("admin of every fleet").audit.list({});
    await as("admin of every fleet").audit.list({ fleet: "other" });
    expect(asked).toMatchObject([
      { fleets: ["f"] },
      { fleets: [] },
      { fleets: undefined },
      { fleets: ["other"] },
    ]);
  });
});
