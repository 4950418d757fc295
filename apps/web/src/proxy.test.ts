import { NextRequest } from "next/server";
import { describe, expect, it } from "vitest";
import { config, proxy } from "./proxy.ts";

const visit = (path: string, cookie?: string) =>
  proxy(
    new NextRequest(
      `http://localhost:4400${path}`,
      cookie === undefined ? {} : { headers: { cookie } },
    ),
  );
const SIGNED_IN = "better-auth.session_token=x.y";
const matches = (path: string) => new RegExp(`^${config.matcher[0]}$`).test(path);

describe("every kind of page", () => {
  it.each([
    ["/", SIGNED_IN],
    ["/sessions?q=a", SIGNED_IN],
    ["/rollouts/op_1", SIGNED_IN],
    ["/settings/users", SIGNED_IN],
    ["/no-such-page", SIGNED_IN],
    ["/", "__Secure-better-auth.session_token=x.y"],
    ["/login", undefined],
    ["/invitation", undefined],
    ["/api/docs", undefined],
  ])("%s runs only scripts of its own nonce, and is framed by nobody", (path, cookie) => {
    const { status, headers } = visit(path, cookie);
    expect(status).toBe(200);
    const policy = headers.get("content-security-policy")!;
    expect(policy).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/=]{20,}' 'strict-dynamic'(;|$)/);
    for (const rule of [
      ...["default-src 'self'", "connect-src 'self'", "font-src 'self'", "object-src 'none'"],
      ...["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"],
    ]) {
      expect(policy.split("; ")).toContain(rule);
    }
    expect(policy).not.toMatch(/https?:|unsafe-eval|script-src[^;]*unsafe-inline/);
    expect(visit(path, cookie).headers.get("content-security-policy")).not.toBe(policy);
    expect(matches(path.split("?")[0]!)).toBe(true);
  });

  it("sends a visitor without a session to the door, and remembers where to", () => {
    const { status, headers } = visit("/settings/users?a=1");
    expect(status).toBe(307);
    expect(headers.get("location")).toBe(
      "http://localhost:4400/login?next=%2Fsettings%2Fusers%3Fa%3D1",
    );
  });

  it("leaves the control API and built files alone: they have headers of their own", () => {
    for (const path of ["/api/trpc/fleets.list", "/api/v1/docs", "/_next/static/x.js"]) {
      expect(matches(path)).toBe(false);
    }
  });
});
