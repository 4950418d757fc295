import { Refusal } from "@chela/shared/errors/refusal";
import { blocked } from "@chela/shared/failover/preflight";
import type { Check } from "@chela/shared/fleet/view";

/** @throws Refusal for the check that blocks; that something else is running comes before what follows from it. */
export function refuseBlocked(checks: Check[]): void {
  const busy = checks.find(({ name, verdict }) => name === "operation" && verdict === "fail");
  if (busy !== undefined) throw new Refusal("CONFLICT", "operation-running", busy.detail);
  const first = blocked(checks);
  if (first !== undefined) {
    throw new Refusal("PRECONDITION_FAILED", `check-${first.name}`, first.detail);
  }
}

export const noSuchFleet = (fleet: string, known: string) =>
  new Refusal(
    "NOT_FOUND",
    "no-such-fleet",
    `There is no fleet ${fleet}: this console runs ${known}.`,
  );
