import type { Exit, GatewayContainer } from "@chela/shared/agent-link/schema";
import { containerOf, isFresh, type Observation } from "@chela/shared/fleet/observation";
import type { FleetView } from "@chela/shared/fleet/view";

/** What an operation that waits for a gateway needs to know of the container it waits for. */
export interface ContainerHealth {
  readonly ok: boolean;
  readonly release: number | null;
  readonly restarts: number;
  readonly lastExit: Exit | null;
  readonly role: string;
  readonly reason: string;
}

/** The container that serves as this gateway; null: it is not seen. Pure. */
export function servingHealth(
  view: FleetView,
  seen: Observation,
  gateway: string,
): ContainerHealth | null {
  const shown = view.gateways.find(({ name }) => name === gateway);
  if (shown === undefined) return null;
  const container = containerIn(seen, gateway);
  return {
    ok: shown.health === "healthy" && shown.role !== "down",
    release: shown.release,
    restarts: shown.restarts,
    lastExit: container?.lastExit ?? null,
    role: shown.role,
    reason: shown.healthReason ?? shown.health,
  };
}

/**
 * The surge container of this gateway, or the one that was it and has taken over since; null: it is not seen. Pure.
 */
export function surgeHealth(seen: Observation, gateway: string): ContainerHealth | null {
  const serving = containerIn(seen, gateway);
  if (serving === undefined) return null;
  const container: GatewayContainer = serving.surge ?? serving;
  const { status, state, release, restarts, lastExit } = container;
  return {
    ok: state === "running" && status?.ready === true,
    ...{ release, restarts, lastExit },
    role: status?.role ?? "down",
    reason: status?.reasons.join(" ") ?? container.statusError ?? `its container is ${state}`,
  };
}

/** How the last run ended, as the end of a sentence; empty: it has not ended. */
export function lastEnd({ lastExit }: ContainerHealth): string {
  if (lastExit === null) return "";
  if (lastExit.outOfMemory) return " It was killed for want of memory.";
  return lastExit.code === null ? "" : ` It ended with exit code ${lastExit.code}.`;
}

function containerIn(seen: Observation, gateway: string) {
  const wish = seen.spec.gateways.find(({ name }) => name === gateway);
  const host = seen.hosts.find(({ name }) => name === wish?.host);
  return host !== undefined && isFresh(seen, host) ? containerOf(host, gateway) : undefined;
}
