import { Refusal } from "@chela/shared/errors/refusal";
import { blocking } from "@chela/shared/failover/preflight";
import type { Check, FleetView } from "@chela/shared/fleet/view";

/** @throws Refusal naming every check that blocks; that something else is running comes before what follows from it. */
export function refuseBlocked(checks: Check[]): void {
  const busy = checks.find(({ name, verdict }) => name === "operation" && verdict === "fail");
  if (busy !== undefined) throw new Refusal("CONFLICT", "operation-running", busy.detail);
  const failed = blocking(checks);
  const [first] = failed;
  if (first === undefined) return;
  throw new Refusal(
    "PRECONDITION_FAILED",
    `check-${first.name}`,
    failed.length === 1
      ? first.detail
      : `${failed.length} checks fail. ${failed.map(({ name, detail }) => `${name}: ${detail}`).join(" ")}`,
  );
}

export const noSuchFleet = (fleet: string, known: readonly string[]) =>
  new Refusal(
    "NOT_FOUND",
    "no-such-fleet",
    `There is no fleet ${fleet}: this console runs ${known.join(", ") || "none"}.`,
  );

/** @throws Refusal NOT_FOUND */
export function mustKnow(view: FleetView, gateway: string): void {
  if (view.gateways.some(({ name }) => name === gateway)) return;
  throw new Refusal(
    "NOT_FOUND",
    "no-such-gateway",
    `There is no gateway ${gateway} in ${view.fleet}: it has ${view.gateways.map(({ name }) => name).join(", ") || "none"}.`,
  );
}
