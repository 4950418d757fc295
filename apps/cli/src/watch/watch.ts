import type { FeedMessage, OperationView } from "@chela/shared/fleet/view";
import { EXIT, type ExitCode, exitOfState } from "../exit-codes.ts";
import type { Here } from "../here.ts";
import { Problem } from "../problem.ts";
import { changedLines, isOver, operationLines } from "../text/operation.ts";

const AGAIN_MS = 500;
/** A console that is started anew goes on within seconds; one that stays away is somebody's business. */
const AWAY_MAX_MS = 60_000;

/** Follows an operation to its end, and says by the exit code how it ended. Ctrl-C leaves it running. */
export async function watch(here: Here, operationId: string): Promise<ExitCode> {
  const show = shower(here);
  try {
    for await (const operation of followed(here, operationId)) {
      show(operation);
      if (isOver(operation)) return exitOfState(operation.state);
    }
  } catch (error) {
    if (!here.signal.aborted) throw error;
  }
  here.terminal.note(
    `Not watched any more; ${operationId} goes on. \`operations watch ${operationId}\` follows it again, \`operations abort ${operationId}\` stops it.`,
  );
  return EXIT.left;
}

function shower({ json, terminal }: Here): (operation: OperationView) => void {
  let before: OperationView | null = null;
  let told = "";
  return (operation) => {
    const text = JSON.stringify(operation);
    if (text === told) return;
    told = text;
    if (json) terminal.line(text);
    else if (terminal.redraws) {
      terminal.live(operationLines(operation, terminal.style), isOver(operation));
    } else terminal.lines(changedLines(before, operation, terminal.style));
    before = operation;
  };
}

/** The operation each time it changes, whatever becomes of the connection meanwhile. */
async function* followed(here: Here, operationId: string): AsyncGenerator<OperationView> {
  let awaySinceMs: number | null = null;
  for (;;) {
    try {
      const first = await here.api.query<OperationView>("operations.get", { operationId });
      awaySinceMs = null;
      yield first;
      yield* changes(here, first);
      await here.clock.sleep(AGAIN_MS, here.signal);
    } catch (error) {
      if (here.signal.aborted || !(error instanceof Problem) || error.exit !== EXIT.unreachable) {
        throw error;
      }
      const nowMs = here.clock.monotonicMs();
      if (awaySinceMs === null) here.terminal.note(`${error.message} Trying again…`);
      awaySinceMs ??= nowMs;
      if (nowMs - awaySinceMs > AWAY_MAX_MS) throw error;
      await here.clock.sleep(AGAIN_MS, here.signal);
    }
  }
}

async function* changes(here: Here, { id, fleet }: OperationView): AsyncGenerator<OperationView> {
  const heard = here.api.listen<FeedMessage>("events.subscribe", { fleet });
  for await (const { data } of heard) {
    if (data.type === "operation" && data.operation.id === id) yield data.operation;
    if (data.type === "snapshot") {
      // Between the first look and this one it may have changed.
      const now = data.operations.find((operation) => operation.id === id);
      if (now !== undefined) yield now;
    }
  }
}
