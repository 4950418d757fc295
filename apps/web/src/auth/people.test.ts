import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ADMIN, type ConsoleServer, startConsoleServer } from "../server/testing/console-server.ts";
import { PASSWORD, peopleOf } from "../server/testing/people.ts";

// Hashing a password is slow on purpose, and slower on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let server: ConsoleServer;
beforeEach(async () => {
  server = await startConsoleServer({});
});
afterEach(() => server.close());

const { browser, call, read, signedIn, invited, bearer } = peopleOf(() => server);

describe("an invitation", () => {
  it("lets its own guest in once, with the roles it names, and no others", async () => {
    const admin = await signedIn();
    const { body } = await call(admin, "invitations.create", {
      email: "Mira@Example.com",
      roles: { f: "operator" },
    });
    expect(body.link).toMatch(/^http:\/\/localhost:4400\/invitation#.{40,}/);
    const token = new URL(body.link).hash.slice(1);
    const guest = browser();
    expect((await guest.post("/api/invitation/look", { token })).body).toMatchObject({
      email: "mira@example.com",
      roles: { f: "operator" },
    });
    const person = { token, name: "Mira", password: PASSWORD };
    const short = await guest.post("/api/invitation/accept", { ...person, password: "short" });
    expect(short.status).toBe(400);
    const taken = await Promise.all(
      [1, 2].map(() => browser().post("/api/invitation/accept", person)),
    );
    expect(taken.map(({ status }) => status).sort()).toEqual([200, 404]);
    expect((await guest.post("/api/invitation/look", { token })).body.error.reason).toBe(
      "invitation-over",
    );
    const mira = await signedIn({ email: "mira@example.com", password: PASSWORD });
    expect((await read(mira, "viewer.me")).body).toMatchObject({
      role: "operator",
      roles: { f: "operator" },
    });
    expect((await read(mira, "users.list")).body.error.reason).toBe("no-role");
  });

  it("ends after a week, when it is withdrawn, and when another one to the same address is made", async () => {
    const admin = await signedIn();
    const create = async (email: string) =>
      (await call(admin, "invitations.create", { email, roles: {} })).body;
    const look = async ({ link }: { link: string }) =>
      (await browser().post("/api/invitation/look", { token: new URL(link).hash.slice(1) })).status;
    const [first, other] = [await create("a@example.com"), await create("b@example.com")];
    const second = await create("a@example.com");
    expect([await look(first), await look(second), await look(other)]).toEqual([404, 200, 200]);
    await call(admin, "invitations.revoke", { invitationId: other.id });
    expect(await look(other)).toBe(404);
    expect((await read(admin, "invitations.list")).body.items).toHaveLength(1);
    server.clock.advance(7 * 24 * 60 * 60_000);
    expect(await look(second)).toBe(404);
  });
});

describe("roles", () => {
  it("count from the next request on, and the last administrator keeps theirs", async () => {
    const mira = await invited("mira@example.com", { "*": "viewer" });
    const admin = await signedIn();
    const users = (await read(admin, "users.list")).body.items;
    const [root, guest] = users;
    expect(users.map(({ email }: { email: string }) => email)).toEqual([
      ADMIN.email,
      "mira@example.com",
    ]);
    for (const refused of [
      await call(admin, "users.remove", { userId: root.id }),
      await call(admin, "users.setRoles", { userId: root.id, roles: { f: "admin" } }),
    ]) {
      expect(refused.status).toBe(409);
      expect(refused.body.error.reason).toBe("last-admin");
    }
    expect((await read(mira, "users.list")).status).toBe(403);
    await call(admin, "users.setRoles", { userId: guest.id, roles: { "*": "admin" } });
    expect((await read(mira, "users.list")).status).toBe(200);
    // Two who take each other's role away at the same time: one of them stays.
    const outcomes = await Promise.all([
      call(admin, "users.setRoles", { userId: guest.id, roles: {} }),
      call(mira, "users.setRoles", { userId: root.id, roles: {} }),
    ]);
    expect(outcomes.map(({ status }) => status).filter((status) => status === 204)).toHaveLength(1);
  });

  it("someone who is removed is out at once, in every browser and with every token", async () => {
    const mira = await invited("mira@example.com", { "*": "operator" });
    const { body: token } = await call(mira, "tokens.create", {
      name: "ci",
      role: "operator",
      days: null,
    });
    expect((await bearer(token.token, "viewer.me")).status).toBe(200);
    const admin = await signedIn();
    const [, guest] = (await read(admin, "users.list")).body.items;
    await call(admin, "users.remove", { userId: guest.id });
    expect((await read(mira, "viewer.me")).status).toBe(401);
    expect((await bearer(token.token, "viewer.me")).status).toBe(401);
    const login = { email: "mira@example.com", password: PASSWORD };
    expect((await browser().post("/api/auth/sign-in/email", login)).status).toBe(401);
  });
});

describe("logins", () => {
  it("are listed and ended: one's own by oneself, anybody's by an administrator", async () => {
    const mira = await invited("mira@example.com", { f: "viewer" });
    const second = await signedIn({ email: "mira@example.com", password: PASSWORD });
    const { items } = (await read(mira, "account.logins")).body;
    expect(items).toHaveLength(2);
    expect(items.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    expect((await call(mira, "account.endOtherLogins")).body).toEqual({ ended: 1 });
    expect((await read(second, "viewer.me")).status).toBe(401);
    expect((await read(mira, "viewer.me")).status).toBe(200);
    const admin = await signedIn();
    const [root, guest] = (await read(admin, "users.list")).body.items;
    const [rootLogin] = (await read(admin, "account.logins")).body.items;
    const foreign = await call(mira, "account.endLogin", { loginId: rootLogin.id });
    expect(foreign.body.error.reason).toBe("no-such-login");
    expect(root.logins).toBeGreaterThan(0);
    await call(admin, "users.endLogins", { userId: guest.id });
    expect((await read(mira, "viewer.me")).status).toBe(401);
  });
});
