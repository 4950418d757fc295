import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ADMIN,
  Browser,
  type ConsoleServer,
  startConsoleServer,
} from "../server/testing/console-server.ts";
import { codeOf, peopleOf } from "../server/testing/people.ts";

// Hashing a password is slow on purpose, and slower on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let server: ConsoleServer;
beforeEach(async () => {
  server = await startConsoleServer({});
});
afterEach(() => server.close());

const { browser, call, read, signedIn } = peopleOf(() => server);

describe("a login", () => {
  it("is limited by the connection's own address: no forwarding header makes another one of it", async () => {
    const own = browser();
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) {
      const forged = `203.0.113.${i}`;
      const { status } = await own.post(
        "/api/auth/sign-in/email",
        { email: ADMIN.email, password: "wrong wrong" },
        {
          "x-forwarded-for": forged,
          "x-real-ip": forged,
          forwarded: `for=${forged}`,
          "x-client-ip": forged,
          "cf-connecting-ip": forged,
          "x-chela-peer": forged,
        },
      );
      statuses.push(status);
    }
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.slice(10)).toEqual([429, 429]);
  });

  it("counts only for requests of the console's own pages", async () => {
    const own = await signedIn();
    expect((await read(own, "viewer.me")).body).toMatchObject({
      email: ADMIN.email,
      role: "admin",
    });
    const cookie = await cookieOf();
    for (const origin of ["https://evil.example", "null", undefined]) {
      const response = await fetch(`${server.url}/api/v1/account/endOtherLogins`, {
        method: "POST",
        headers: { cookie, ...(origin === undefined ? {} : { origin }) },
      });
      expect(response.status).toBe(401);
    }
  });

  it("is written down, refused ones too, and so is its end", async () => {
    const own = await signedIn();
    await browser().post("/api/auth/sign-in/email", { ...ADMIN, password: "wrong wrong" });
    await own.post("/api/auth/sign-out");
    expect((await read(own, "viewer.me")).status).toBe(401);
    expect(server.audited).toEqual([
      { actor: ADMIN.email, action: "login", outcome: "done" },
      { actor: ADMIN.email, action: "login", outcome: "refused" },
      { actor: ADMIN.email, action: "logout", outcome: "done" },
    ]);
  });

  it("has no way in besides: nobody signs up, nobody gives themselves a role", async () => {
    const own = await signedIn();
    for (const path of ["sign-up/email", "update-user", "get-session", "list-sessions", "ok"]) {
      expect((await own.post(`/api/auth/${path}`, { role: "admin" })).status).toBe(404);
    }
  });

  async function cookieOf(): Promise<string> {
    const response = await fetch(`${server.url}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: "http://localhost:4400" },
      body: JSON.stringify(ADMIN),
    });
    return response.headers.getSetCookie()[0]!.split(";")[0]!;
  }
});

it("over https its cookie is Secure, HttpOnly and same-site, and browsers stay on https", async () => {
  const https = await startConsoleServer({}, { https: true });
  try {
    const { status, headers } = await new Browser(https.url, "https://console.example").post(
      "/api/auth/sign-in/email",
      ADMIN,
    );
    expect(status).toBe(200);
    expect(String(headers["set-cookie"])).toMatch(
      /^__Secure-better-auth\.session_token=.*HttpOnly.*Secure.*SameSite=Lax/i,
    );
    expect(headers["strict-transport-security"]).toMatch(/^max-age=\d+/);
  } finally {
    await https.close();
  }
});

describe("a second factor", () => {
  async function enrolled(own: Browser): Promise<{ uri: string; backupCodes: string[] }> {
    const { body } = await own.post("/api/auth/two-factor/enable", { password: ADMIN.password });
    const { status } = await own.post("/api/auth/two-factor/verify-totp", {
      code: codeOf(body.totpURI),
    });
    expect(status).toBe(200);
    return { uri: body.totpURI, backupCodes: body.backupCodes };
  }

  it("is asked for at the next login: the password alone opens nothing", async () => {
    const own = await signedIn();
    const { uri, backupCodes } = await enrolled(own);
    expect((await read(own, "viewer.me")).status).toBe(200);

    const next = browser();
    const half = await next.post("/api/auth/sign-in/email", ADMIN);
    expect(half.body).toMatchObject({ twoFactorRedirect: true });
    expect((await read(next, "viewer.me")).status).toBe(401);
    expect((await next.post("/api/auth/two-factor/verify-totp", { code: "000000" })).status).toBe(
      401,
    );
    expect((await read(next, "viewer.me")).status).toBe(401);
    await next.post("/api/auth/two-factor/verify-totp", { code: codeOf(uri) });
    expect((await read(next, "viewer.me")).body.role).toBe("admin");
    expect(server.audited.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "login done",
      "account.enableTwoFactor done",
      "login refused",
      "login done",
    ]);

    // Also the wrong code is written down under the name of whoever gave the password.
    expect(new Set(server.audited.map(({ actor }) => actor))).toEqual(new Set([ADMIN.email]));

    const withCode = browser();
    await withCode.post("/api/auth/sign-in/email", ADMIN);
    await withCode.post("/api/auth/two-factor/verify-backup-code", { code: backupCodes[0] });
    expect((await read(withCode, "viewer.me")).status).toBe(200);
    const again = browser();
    await again.post("/api/auth/sign-in/email", ADMIN);
    await again.post("/api/auth/two-factor/verify-backup-code", { code: backupCodes[0] });
    expect((await read(again, "viewer.me")).status).toBe(401);
  });

  it("is taken off with the password only, or by an administrator", async () => {
    const own = await signedIn();
    await enrolled(own);
    const wrong = await own.post("/api/auth/two-factor/disable", { password: "wrong wrong" });
    expect(wrong.status).toBe(400);
    const [user] = (await read(own, "users.list")).body.items;
    expect(user.twoFactor).toBe(true);
    expect((await own.post("/api/auth/two-factor/disable", ADMIN)).status).toBe(200);
    expect((await read(own, "users.list")).body.items[0].twoFactor).toBe(false);

    await enrolled(own);
    expect((await call(own, "users.resetTwoFactor", { userId: user.id })).status).toBe(204);
    expect((await (await signedIn()).get("/api/v1/viewer/me")).status).toBe(200);
  });
});
