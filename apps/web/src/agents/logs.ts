import { Refusal } from "@chela/shared/errors/refusal";
import type { LogLine } from "@chela/shared/fleet/view";
import type { Agent } from "./agent.ts";

/** Lines kept for a reader that is slower than the log; older ones are dropped. */
const BUFFERED_LINES_MAX = 2_000;

/**
 * A gateway's log as its agent sends it. Ends when `signal` is aborted, or with the container; without `follow` with
 * the last line there is.
 */
export async function* followLogs(
  agent: Agent | undefined,
  gateway: string,
  how: { tail: number; follow: boolean },
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  if (agent === undefined) {
    throw new Refusal(
      "SERVICE_UNAVAILABLE",
      "host-silent",
      `The agent of ${gateway}'s host is silent.`,
    );
  }
  const lines: LogLine[] = [];
  let over = false;
  let wake = () => {};
  const end = () => {
    over = true;
    wake();
  };
  signal.addEventListener("abort", end, { once: true });
  agent.followLogs(
    gateway,
    how,
    signal,
    (line) => {
      lines.push(line);
      if (lines.length > BUFFERED_LINES_MAX) lines.shift();
      wake();
    },
    end,
  );
  for (;;) {
    yield* lines.splice(0);
    if (over) return;
    if (lines.length > 0) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}
