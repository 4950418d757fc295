import type { Hello } from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { dial } from "./dial.ts";
import { keepAlive } from "./heartbeat.ts";

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 1_000;
/** A refusal is answered by a person; asking every second would only fill two logs. */
const REFUSED_RETRY_MS = 5_000;

export interface LinkDeps {
  readonly url: URL;
  readonly hello: Hello;
  readonly clock: Clock;
  readonly log: Logger;
  readonly serve: (socket: WebSocket) => void;
  readonly connected: (up: boolean, localAddress: string | null) => void;
}

/** Keeps one connection to the console, until the signal is aborted. Everything else goes on without it. */
export async function runLink(deps: LinkDeps, signal: AbortSignal): Promise<void> {
  let failures = 0;
  let told = "";
  while (!signal.aborted) {
    const outcome = await dial(deps.url, deps.hello, signal, (socket) => {
      keepAlive(socket, () => deps.clock.monotonicMs());
      deps.serve(socket);
    });
    if (outcome.ok) {
      failures = 0;
      told = "";
      deps.log.info({ console: deps.url.host }, "linked to the console");
      deps.connected(true, outcome.localAddress);
      await closed(outcome.socket, signal);
      deps.connected(false, null);
      if (!signal.aborted) deps.log.warn("the link to the console ended; dialling again");
      continue;
    }
    if (signal.aborted) return;
    failures++;
    // The same sentence once, not at each attempt.
    if (outcome.message !== told) deps.log.warn({ reason: outcome.reason }, outcome.message);
    told = outcome.message;
    const retryMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(failures - 1, 10));
    await deps.clock.sleep(outcome.reason === "refused" ? REFUSED_RETRY_MS : retryMs, signal);
  }
}

function closed(socket: WebSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => socket.terminate();
    socket.once("close", () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}
