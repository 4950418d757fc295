import { randomBytes } from "node:crypto";
import { joinRequestSchema } from "@chela/shared/agent-link/commands";
import { joinScript } from "@chela/shared/agent-link/join-script";
import { type Handler, readJson, requestIdOf, sendError, sendJson } from "../server/http-server.ts";
import type { AuditEntry } from "../store/audit.ts";
import type { Hosts } from "./hosts.ts";
import type { Images } from "./images.ts";
import type { Transfers } from "./transfers.ts";

export interface JoinDeps {
  /** The fleet and host that a token is for, while it may still be used. */
  invited(token: string, nowMs: number): Promise<{ fleet: string; host: string } | null>;
  /** Of a fleet of this console. */
  fleet(name: string): { hosts: Hosts; images: Images } | undefined;
  transfers: Transfers;
  agentUrl: string;
  agentImage: string;
  nowMs(): number;
  audit(entry: AuditEntry): Promise<void>;
}

const TOKEN_REFUSED =
  "The join token is unknown, used, expired or for another host or fleet: make a new one in the console.";

/** How a host comes in: the script it runs, the agent's image, its secret, and images later on. */
export function joinRoutes(deps: JoinDeps): [path: string, handler: Handler][] {
  return [
    ["/join", (_, response, url) => script(deps, response, url)],
    ["/agent/join", (request, response) => join(deps, request, response)],
    ["/agent/image", (request, response) => image(deps, request, response)],
    [
      TRANSFERS,
      (request, response, url) =>
        deps.transfers.handle(url.pathname.slice(TRANSFERS.length), request, response),
    ],
  ];
}

const TRANSFERS = "/agent/transfers/";
type Request = Parameters<Handler>[0];
type Response = Parameters<Handler>[1];

async function script(deps: JoinDeps, response: Response, url: URL): Promise<void> {
  const token = url.searchParams.get("token") ?? "";
  const invited = await deps.invited(token, deps.nowMs());
  if (invited === null) {
    // Read by a shell: it must say so and fail.
    response.writeHead(403, { "content-type": "text/plain; charset=utf-8" });
    response.end(`echo '${TOKEN_REFUSED}' >&2; exit 1\n`);
    return;
  }
  response.writeHead(200, {
    "content-type": "text/x-shellscript; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(
    joinScript({
      consoleUrl: deps.agentUrl,
      ...invited,
      token,
      image: deps.agentImage,
    }),
  );
}

async function join(deps: JoinDeps, request: Request, response: Response): Promise<void> {
  if (request.method !== "POST") return sendError(response, 405, "method", "Send a POST.");
  const parsed = joinRequestSchema.safeParse(await readJson(request).catch(() => null));
  if (!parsed.success) return sendError(response, 400, "bad-input", "Send {token, host} as JSON.");
  const { token, host } = parsed.data;
  const fleet = (await deps.invited(token, deps.nowMs()))?.fleet ?? null;
  // Refused for another fleet, it is not used up: it is still good for its own.
  const own =
    fleet !== null && (parsed.data.fleet ?? fleet) === fleet ? deps.fleet(fleet) : undefined;
  const secret = (await own?.hosts.join(token, host, deps.nowMs())) ?? null;
  await deps.audit({
    actor: `host ${host}`,
    from: request.socket.remoteAddress ?? null,
    action: "hosts.join",
    fleet,
    subject: host,
    requestId: requestIdOf(request),
    ...(secret === null
      ? { outcome: "refused" as const, code: "token-refused", detail: TOKEN_REFUSED }
      : { outcome: "done" as const }),
  });
  if (secret === null) return sendError(response, 403, "token-refused", TOKEN_REFUSED);
  sendJson(response, 200, { secret });
}

async function image(deps: JoinDeps, request: Request, response: Response): Promise<void> {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const invited = await deps.invited(token, deps.nowMs());
  const images = invited === null ? undefined : deps.fleet(invited.fleet)?.images;
  if (images === undefined) return sendError(response, 403, "token-refused", TOKEN_REFUSED);
  const found = await images.resolve(deps.agentImage);
  const holder = found === null ? null : await images.holder(deps.agentImage, found.id);
  if (found === null || holder === null) {
    return sendError(
      response,
      503,
      "no-image",
      `No connected host has ${deps.agentImage}: start the agent beside the console.`,
    );
  }
  const transfer = randomBytes(24).toString("base64url");
  deps.transfers.open(transfer);
  deps.transfers.handle(transfer, request, response);
  await holder
    .sendImage(transfer, found.id, deps.agentImage)
    .finally(() => deps.transfers.close(transfer));
}
