import type { FleetView, GatewayConfiguration, KnownRelease, Page } from "@chela/shared/fleet/view";
import { releaseView } from "../store/fleets.ts";
import type { DesiredFleet } from "./desired.ts";

const PAGE_DEFAULT = 50;

/** What can be gone back to, newest first, and which gateways run it. */
export async function knownReleases(
  desired: Pick<DesiredFleet, "releases" | "release">,
  view: Pick<FleetView, "gateways">,
  { cursor, limit = PAGE_DEFAULT }: { cursor?: string | undefined; limit?: number | undefined },
): Promise<Page<KnownRelease>> {
  const before = cursor === undefined ? null : Number(cursor) || 0;
  const found = await desired.releases(before, limit + 1);
  const items = found.slice(0, limit).map((release) => ({
    ...releaseView(release),
    current: release.number === desired.release?.number,
    gateways: view.gateways
      .filter((gateway) => gateway.release === release.number)
      .map(({ name }) => name),
  }));
  return {
    items,
    nextCursor: found.length > limit ? String(items.at(-1)?.number ?? 0) : null,
  };
}

/** gateway.json as a rollout would take it, beside what runs. */
export const gatewayConfiguration = async (
  desired: Pick<DesiredFleet, "currentConfig" | "release">,
): Promise<GatewayConfiguration> => ({
  text: await desired.currentConfig(),
  running: desired.release?.config ?? null,
});
