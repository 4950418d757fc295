import type { EdgeObservation } from "@chela/shared/agent-link/schema";
import { z } from "zod";

/** Webhooks are answered within a few milliseconds; from here on a gateway is slow. */
const SLOW_SECONDS = 0.25;
/** More addresses than any edge has; who writes others into the log writes them in vain. */
const UPSTREAMS_MAX = 1_024;

const lineSchema = z.object({
  webhook: z.enum(["0", "1"]),
  upstream: z.string(),
  upstreamStatus: z.string(),
  connectSeconds: z.string(),
  seconds: z.string(),
});

export interface OddAnswer {
  readonly upstream: string;
  readonly oddity: "failed" | "slow";
}

/**
 * What a line that the edge logs (shared/edge/nginx.ts, chela_odd) says of the gateways. A request that was tried
 * several times lists all of them, with commas, and colons where it began anew: each counts for itself. A connection
 * that was refused counts for none: nothing listens there, which is what a spare port is like. Pure.
 */
export function oddAnswersIn(line: string): OddAnswer[] {
  const entry = parsed(line);
  if (entry === null) return [];
  const [upstreams, statuses, connects, times] = [
    entry.upstream,
    entry.upstreamStatus,
    entry.connectSeconds,
    entry.seconds,
  ].map((list) => list.split(/, | : /));
  return upstreams!.flatMap((upstream, index): OddAnswer[] => {
    if (!/:\d+$/.test(upstream)) return [];
    const status = Number(statuses![index]);
    const connected = /^\d/.test(connects![index] ?? "");
    // 504 without a connection: it never came to one, in time.
    if (status === 504 || (status >= 500 && connected)) return [{ upstream, oddity: "failed" }];
    const slow = entry.webhook === "1" && connected && Number(times![index]) >= SLOW_SECONDS;
    return slow ? [{ upstream, oddity: "slow" }] : [];
  });
}

/** How often each address answered oddly, since this agent has followed this edge's log. */
export class OddAnswers {
  readonly #counts = new Map<string, { failed: number; slow: number }>();

  read(line: string): void {
    for (const { upstream, oddity } of oddAnswersIn(line)) {
      const count = this.#counts.get(upstream) ?? { failed: 0, slow: 0 };
      if (!this.#counts.has(upstream) && this.#counts.size >= UPSTREAMS_MAX) continue;
      count[oddity] += 1;
      this.#counts.set(upstream, count);
    }
  }

  list(): EdgeObservation["answers"] {
    return [...this.#counts].map(([upstream, count]) => ({ upstream, ...count }));
  }
}

function parsed(line: string): z.infer<typeof lineSchema> | null {
  if (!line.startsWith('{"at":')) return null;
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
