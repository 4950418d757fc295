import { createHash } from "node:crypto";
import { joinAnswerSchema } from "@chela/shared/agent-link/commands";
import { z } from "zod";
import { readPrivateFile, writePrivateFile } from "../state/private-file.ts";

const JOIN_TIMEOUT_MS = 10_000;
const errorSchema = z.object({ error: z.object({ message: z.string() }) });

/** The link's origin as HTTP: `wss://c.example/agent` → `https://c.example`. */
export function consoleOrigin(link: URL): string {
  return `${link.protocol === "wss:" ? "https:" : "http:"}//${link.host}`;
}

export type Joined = { ok: true; secret: string } | { ok: false; message: string; retry: boolean };

interface JoinConfig {
  readonly fleet: string;
  readonly host: string;
  readonly consoleUrl: URL;
  readonly secretFile: string;
  readonly joinToken: string | null;
}

/**
 * The secret that this host has. A token that was not used here yet is exchanged for a new one first, so that a
 * host that was revoked can join again; where that fails, the one that is kept is tried.
 */
export async function hostSecret(config: JoinConfig, post: typeof fetch = fetch): Promise<Joined> {
  const kept = (await readPrivateFile(config.secretFile))?.trim();
  const { joinToken } = config;
  if (joinToken === null) {
    return kept
      ? { ok: true, secret: kept }
      : {
          ok: false,
          retry: true,
          message: `${config.host} has not joined: there is no ${config.secretFile}, and CHELA_JOIN_TOKEN is not set. Make a token in the console.`,
        };
  }
  const usedFile = `${config.secretFile}.joined`;
  const mark = createHash("sha256").update(joinToken).digest("hex");
  if (kept && (await readPrivateFile(usedFile)) === mark) return { ok: true, secret: kept };
  const joined = await exchange(config, joinToken, post);
  if (joined.ok) {
    await writePrivateFile(config.secretFile, `${joined.secret}\n`);
    await writePrivateFile(usedFile, mark);
    return joined;
  }
  return kept && !joined.retry ? { ok: true, secret: kept } : joined;
}

async function exchange(config: JoinConfig, token: string, post: typeof fetch): Promise<Joined> {
  const url = `${consoleOrigin(config.consoleUrl)}/agent/join`;
  let response: Response;
  try {
    response = await post(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, fleet: config.fleet, host: config.host }),
      signal: AbortSignal.timeout(JOIN_TIMEOUT_MS),
    });
  } catch (error) {
    const cause = (error as Error).cause ?? error;
    return { ok: false, retry: true, message: `The console does not answer on ${url}: ${cause}.` };
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const said = errorSchema.safeParse(body);
    const message = said.success ? said.data.error.message : `HTTP ${response.status}`;
    // A used or expired token stays so: only a person can help.
    const retry = response.status >= 500 || response.status === 429;
    return { ok: false, retry, message: `The console refused this host: ${message}` };
  }
  const answer = joinAnswerSchema.safeParse(body);
  if (answer.success) return { ok: true, secret: answer.data.secret };
  return { ok: false, retry: true, message: `${url} does not answer like a Chela console.` };
}
