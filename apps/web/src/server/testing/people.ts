import { createHmac } from "node:crypto";
import { ADMIN, Browser, type ConsoleServer } from "./console-server.ts";

/** Of everybody who comes by invitation. */
export const PASSWORD = "long enough";

const pathOf = (name: string) => `/api/v1/${name.replace(".", "/")}`;

/** What tests do as people and as programs, against a running console's server. */
export const peopleOf = (server: () => ConsoleServer) => {
  const browser = () => new Browser(server().url);
  const call = (own: Browser, name: string, input: unknown = {}) => own.post(pathOf(name), input);
  const read = (own: Browser, name: string) => own.get(pathOf(name));

  async function signedIn(who = ADMIN): Promise<Browser> {
    const own = browser();
    mustBe(200, await own.post("/api/auth/sign-in/email", who));
    return own;
  }

  async function invited(email: string, roles: Record<string, string>): Promise<Browser> {
    const { body } = await call(await signedIn(), "invitations.create", { email, roles });
    const token = new URL(body.link).hash.slice(1);
    const person = { token, name: "Mira", password: PASSWORD };
    mustBe(200, await browser().post("/api/invitation/accept", person));
    return signedIn({ email, password: PASSWORD });
  }

  /** With a token instead of a browser; with an input it is a POST. */
  const bearer = (token: string, name: string, input?: object) =>
    fetch(`${server().url}${pathOf(name)}`, {
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(input === undefined ? {} : { method: "POST", body: JSON.stringify(input) }),
    });

  return { browser, call, read, signedIn, invited, bearer };
};

function mustBe(status: number, answer: { status: number; body: unknown }): void {
  if (answer.status === status) return;
  throw new Error(`Answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}

/** The code that an app shows now (RFC 6238) for the secret of an `otpauth:` address. */
export function codeOf(uri: string, atMs = Date.now()): string {
  const secret = new URL(uri).searchParams.get("secret")!;
  const bits = [...secret.replace(/=+$/, "")]
    .map((char) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(char).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac[19]! & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
