import type { FleetView, OperationView } from "@chela/shared/fleet/view";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Here } from "../here.ts";
import { Problem } from "../problem.ts";
import { operationLines } from "../text/operation.ts";
import { watch } from "../watch/watch.ts";

interface Started {
  operationId: string;
}

/** Starts an operation, and follows it unless it is to be left to itself. */
export async function start(
  here: Here,
  name: string,
  input: Readonly<Record<string, unknown>>,
  detach: boolean | undefined,
): Promise<ExitCode> {
  const started = await here.api.command<Started>(name, {
    ...input,
    idempotencyKey: here.idempotencyKey(),
  });
  if (!detach) return watch(here, started.operationId);
  here.show(started, () => [
    `${started.operationId} is under way; \`operations watch ${started.operationId}\` follows it.`,
  ]);
  return EXIT.done;
}

/** The operation that was named, else the one that is not over. @throws Problem where there is none. */
export async function underWay(here: Here, operationId: string | undefined): Promise<string> {
  if (operationId !== undefined) return operationId;
  const fleet = await here.fleet();
  const view = await here.api.query<FleetView>("fleets.get", { fleet });
  if (view.operationId !== null) return view.operationId;
  throw new Problem(
    EXIT.refused,
    "nothing-under-way",
    `Nothing is under way in ${fleet}; \`operations list\` shows what was.`,
  );
}

/** Pause, resume, approve, abort: what each answers is the operation as it is then. */
export async function steer(
  here: Here,
  name: string,
  operationId: string | undefined,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const operation = await here.api.command<OperationView>(name, {
    operationId: await underWay(here, operationId),
    ...more,
  });
  here.show(operation, () => operationLines(operation, here.terminal.style));
}
