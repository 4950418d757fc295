import { Refusal } from "@chela/shared/errors/refusal";
import type { ChangeFacts } from "@chela/shared/fleet/change-stages";
import type { FleetView } from "@chela/shared/fleet/view";
import type { DesiredFleet } from "../fleet/desired.ts";

/** What gateways run, and shall run where they are placed. @throws Refusal where the fleet runs nothing yet. */
export async function releasesOf(
  desired: DesiredFleet,
): Promise<Pick<ChangeFacts, "release" | "releaseOf">> {
  const { release, spec } = desired;
  if (release === null) {
    throw new Refusal(
      "PRECONDITION_FAILED",
      "no-release",
      "The fleet has no release yet: wait until its first gateway runs.",
    );
  }
  const known = new Map([[release.number, release]]);
  for (const { release: number } of spec.gateways) {
    const found = known.get(number) ?? (await desired.findRelease(number));
    if (found !== null) known.set(number, found);
  }
  return {
    release,
    releaseOf: (gateway) => known.get(desired.gateway(gateway)?.release ?? 0) ?? release,
  };
}

export const floorRefusal = (why: string) =>
  new Refusal("PRECONDITION_FAILED", "floor-would-break", why);

/** @throws Refusal CONFLICT; comes before what follows from the other operation, e.g. that a gateway is drained. */
export function refuseBusy({ operationId }: Pick<FleetView, "operationId">): void {
  if (operationId === null) return;
  throw new Refusal(
    "CONFLICT",
    "operation-running",
    `Another operation is running on this fleet (${operationId}): wait until it is over, or abort it.`,
  );
}
