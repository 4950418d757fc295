import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ADMIN,
  type Browser,
  type ConsoleServer,
  ROOT_TOKEN,
  startConsoleServer,
} from "../server/testing/console-server.ts";
import { peopleOf } from "../server/testing/people.ts";

// Hashing a password is slow on purpose, and slower on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let server: ConsoleServer;
beforeEach(async () => {
  server = await startConsoleServer({});
});
afterEach(() => server.close());

const { call, read, signedIn, invited, bearer } = peopleOf(() => server);

describe("a token", () => {
  const create = async (own: Browser, input: object) => call(own, "tokens.create", input);

  it("is never more than its maker is: role, fleets, time", async () => {
    const mira = await invited("mira@example.com", { f: "operator", g: "viewer" });
    const ask = (input: object) => create(mira, { name: "ci", days: 1, ...input });
    expect((await ask({ role: "admin", fleet: "f" })).body.error.reason).toBe("role-too-low");
    expect((await ask({ role: "operator", fleet: "g" })).status).toBe(403);
    expect((await ask({ role: "viewer", fleet: "*" })).status).toBe(403);
    const { body } = await ask({ role: "operator", fleet: "f" });
    const minted = await bearer(body.token, "tokens.create", {
      name: "longer",
      role: "viewer",
      fleet: "f",
      days: 30,
    });
    expect(await minted.json()).toMatchObject({ error: { reason: "outlives-its-maker" } });
    // Whose role sinks, their tokens sink with it.
    const admin = await signedIn();
    const [, guest] = (await read(admin, "users.list")).body.items;
    await call(admin, "users.setRoles", { userId: guest.id, roles: { f: "viewer" } });
    expect(await (await bearer(body.token, "viewer.me")).json()).toMatchObject({
      roles: { f: "viewer" },
      via: "token",
    });
  });

  it("reaches no other token that is more than itself", async () => {
    const admin = await signedIn();
    const { body: strong } = await create(admin, { name: "strong", role: "operator", days: null });
    const { body: weak } = await create(admin, { name: "weak", role: "viewer", days: null });
    const listed = (await (await bearer(weak.token, "tokens.list")).json()) as { items: object[] };
    expect(listed.items).toMatchObject([{ name: "weak" }]);
    const revoked = await bearer(weak.token, "tokens.revoke", { tokenId: strong.id });
    expect(revoked.status).toBe(404);
    expect((await bearer(strong.token, "viewer.me")).status).toBe(200);
  });

  it("is shown once, kept as a hash, and says when it was used", async () => {
    const admin = await signedIn();
    const { body } = await create(admin, { name: "ci", role: "viewer", days: 30 });
    expect(body.token).toMatch(/^chela_.{40,}/);
    await bearer(body.token, "viewer.me");
    const [listed] = (await read(admin, "tokens.list")).body.items;
    expect(listed).toMatchObject({ name: "ci", owner: ADMIN.email, fleet: "*" });
    expect(listed.lastUsedAt).not.toBeNull();
    expect(JSON.stringify(listed)).not.toContain(body.token);
    const rows = await server.database.selectFrom("api_tokens").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(body.token.slice(6));
  });

  it("ends with its time and when it is revoked; others' are no business of one's own", async () => {
    const mira = await invited("mira@example.com", { "*": "viewer" });
    const admin = await signedIn();
    const { body: ends } = await create(admin, { name: "a", role: "viewer", days: 1 });
    const { body: stays } = await create(admin, { name: "b", role: "viewer", days: null });
    expect((await read(mira, "tokens.list")).body.items).toEqual([]);
    expect((await call(mira, "tokens.revoke", { tokenId: stays.id })).status).toBe(404);
    server.clock.advance(24 * 60 * 60_000);
    expect((await bearer(ends.token, "viewer.me")).status).toBe(401);
    expect((await bearer(stays.token, "viewer.me")).status).toBe(200);
    expect((await call(admin, "tokens.revoke", { tokenId: stays.id })).status).toBe(204);
    expect((await bearer(stays.token, "viewer.me")).status).toBe(401);
    expect((await bearer(ROOT_TOKEN, "users.list")).status).toBe(200);
  });
});
