import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { TestClock } from "@chela/shared/clock/test-clock";
import { pino } from "pino";
import { Registry } from "prom-client";
import type { AgentDoor } from "../../agents/door.ts";
import { Audit } from "../../audit/audit.ts";
import { ChainWatch } from "../../audit/chain-watch.ts";
import { type Auth, ensureFirstAdmin, openAuth } from "../../auth/auth.ts";
import { sha256 } from "../../auth/hash.ts";
import { invitationRoutes } from "../../auth/invitation-routes.ts";
import { Invitations } from "../../auth/invitations.ts";
import { type AuditAccess, People } from "../../auth/people.ts";
import { ApiTokens } from "../../auth/tokens.ts";
import { callerReader } from "../../auth/viewer.ts";
import { ApiTokenStore } from "../../store/api-tokens.ts";
import { AuditStore } from "../../store/audit.ts";
import { InvitationStore } from "../../store/invitations.ts";
import { type Database, openSqlite } from "../../store/sqlite.ts";
import { UserRoleStore } from "../../store/user-roles.ts";
import type { Console } from "../console.ts";
import { createConsoleServer } from "../http-server.ts";
import { openApiDocument } from "../rest/openapi.ts";
import { routesOf } from "../routes.ts";

export const ADMIN = { email: "admin@chela.local", password: "correct horse" };
/** Bearer of an administrator of everything, as in access.json. */
export const ROOT_TOKEN = "chela_root";

export interface ConsoleServer {
  url: string;
  auth: Auth;
  database: Database;
  clock: TestClock;
  /** What was written down, oldest first. */
  audited: { actor: string; action: string; outcome: string }[];
  close(): Promise<void>;
}

/**
 * The console's real server, logins and store, listening on loopback; only what lies behind the control API and the
 * pages are left out.
 */
export async function startConsoleServer(
  parts: Partial<Console>,
  options: { https?: boolean; store?: string } = {},
): Promise<ConsoleServer> {
  const clock = new TestClock(Date.now());
  const database = await openSqlite(options.store ?? ":memory:");
  const audited: ConsoleServer["audited"] = [];
  // What the control API does is written down by its own gate.
  const audit: AuditAccess = async (by, action) => {
    if (by.note === undefined) audited.push({ actor: by.name, action, outcome: "done" });
  };
  const store = new AuditStore(database);
  const watch = new ChainWatch({ clock, log: pino({ level: "silent" }), store });
  const audits = new Audit({ clock, store, watch });
  const consoleUrl = options.https ? "https://console.example" : "http://localhost:4400";
  const trustedOrigins = new Set([consoleUrl]);
  const auth = await openAuth(database, {
    secret: "s".repeat(32),
    consoleUrl,
    trustedOrigins: [...trustedOrigins],
    record: async ({ actor, action, outcome }) => {
      audited.push({ actor, action, outcome });
    },
  });
  await ensureFirstAdmin(auth, ADMIN);
  const roles = new UserRoleStore(database);
  const tokenStore = new ApiTokenStore(database);
  const tokens = new ApiTokens({ clock, auth, store: tokenStore, roles, audit });
  const invitations = new Invitations({
    clock,
    auth,
    store: new InvitationStore(database),
    roles,
    audit,
    consoleUrl,
  });
  const people = new People({ auth, roles, tokens: tokenStore, audit });
  const server = createConsoleServer(
    routesOf({
      auth,
      https: options.https ?? false,
      openApi: () => openApiDocument(consoleUrl),
      invitations: invitationRoutes(invitations),
      metrics: new Registry(),
      door: {} as AgentDoor,
      joining: [],
      pages: () => null,
      api: {
        console: { people, tokens, invitations, audit: audits, ...parts } as Console,
        monotonicMs: () => clock.monotonicMs(),
        callerOf: callerReader({
          auth,
          apiTokenHash: sha256(ROOT_TOKEN),
          tokens,
          roles,
          trustedOrigins,
        }),
        onFault: (error, path) => {
          throw new Error(`${path} failed`, { cause: error });
        },
      },
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    auth,
    database,
    clock,
    audited,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.destroy();
    },
  };
}

/** Each browser has an address of its own, as people's machines do: logins are limited by it. */
let machines = 0;

/** A browser: keeps cookies, sends its origin. */
export class Browser {
  readonly #url: string;
  readonly #origin: string;
  readonly #address: string;
  readonly #cookies = new Map<string, string>();

  constructor(url: string, origin = "http://localhost:4400") {
    this.#url = url;
    this.#origin = origin;
    machines++;
    this.#address = `127.1.${machines >> 8}.${machines & 255}`;
  }

  post(path: string, body: unknown = {}, headers: Record<string, string> = {}) {
    return this.#send("POST", path, JSON.stringify(body), {
      "content-type": "application/json",
      ...headers,
    });
  }

  get(path: string) {
    return this.#send("GET", path, "", {});
  }

  async #send(method: string, path: string, body: string, headers: Record<string, string>) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${this.#url}${path}`, {
        method,
        localAddress: this.#address,
        headers: {
          ...headers,
          origin: this.#origin,
          cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
          "content-length": Buffer.byteLength(body),
        },
      })
        .once("response", resolve)
        .once("error", reject)
        .end(body);
    });
    for (const line of response.headers["set-cookie"] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value === "" || /max-age=0/i.test(line)) this.#cookies.delete(name!);
      else this.#cookies.set(name!, value!);
    }
    const answer = await text(response);
    return {
      status: response.statusCode!,
      headers: response.headers,
      // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
      body: (answer === "" ? undefined : JSON.parse(answer)) as any,
    };
  }
}
