import { type NextRequest, NextResponse } from "next/server";

/** Names that better-auth gives its session cookie; the second over https. */
const SESSION_COOKIES = ["better-auth.session_token", "__Secure-better-auth.session_token"];
const LOGIN = "/login";
/** Shown to anybody: the ways in, and the API's description, which holds no secret. */
const OPEN = [LOGIN, "/invitation", "/api/docs"];

/**
 * Every page gets a fresh script nonce, and a visitor without a session goes to the door.
 * The cookie is only looked for, not checked: the API does that, and the page goes to the door when it says no.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  const hasSession = SESSION_COOKIES.some((name) => request.cookies.has(name));
  if (!hasSession && !OPEN.includes(pathname)) {
    const door = new URL(LOGIN, request.nextUrl);
    if (pathname !== "/" || search !== "") door.searchParams.set("next", pathname + search);
    return NextResponse.redirect(door);
  }
  const nonce = btoa(crypto.randomUUID());
  const policy = contentSecurityPolicy(nonce, process.env.NODE_ENV === "development");
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

function contentSecurityPolicy(nonce: string, dev: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
    // Toasts and charts set styles from script; a nonce cannot cover a style attribute.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

export const config = {
  matcher: ["/((?!api/(?!docs$)|_next/static|_next/image|icon.svg|favicon.ico).*)"],
};
