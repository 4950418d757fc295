import type { GatewayCounts } from "../agent-link/schema.ts";
import { containerOf, type Observation } from "../fleet/observation.ts";
import type { FleetView } from "../fleet/view.ts";
import type { RolloutFacts } from "./state.ts";

/** What is observed of a gateway when the next one is chosen, and while it is watched. */
export interface GatewayFacts {
  name: string;
  host: string;
  region: string | null;
  /** Its host's agent answers: what is said here is how it is. */
  seen: boolean;
  healthy: boolean;
  /** Why it is not; a sentence. */
  reason: string | null;
  draining: boolean;
  shards: number;
  /** Release that its container carries; null: no container. */
  release: number | null;
  /** When its host's agent reported it last; null: never. */
  observedAtMs: number | null;
  figures: Figures;
}

/** What a gateway is judged by; every count only rises while it is the same container start. */
export interface Figures {
  /** Another one: started anew since. Null: not known. */
  startedAt: string | null;
  restarts: number;
  running: boolean;
  /** How its last run ended, in words. */
  exit: string | null;
  counts: GatewayCounts | null;
  /** As clients saw it at the edges; null: no edge says. */
  answers: { upstream: string; failed: number; slow: number } | null;
}

/** @param seen null: nothing to judge by. */
export function rolloutFacts(view: FleetView, seen: Observation | null): RolloutFacts {
  return {
    gateways: view.gateways.map((gateway) => ({
      name: gateway.name,
      host: gateway.host,
      region: gateway.region,
      seen: gateway.health !== "unreachable",
      healthy: gateway.health === "healthy" && gateway.role !== "down",
      reason: gateway.healthReason,
      draining: gateway.role === "draining",
      shards: gateway.shards,
      release: gateway.containerId === null ? null : gateway.release,
      observedAtMs: gateway.observedAt === null ? null : Date.parse(gateway.observedAt),
      figures: {
        startedAt: gateway.startedAt,
        restarts: gateway.restarts,
        running: gateway.containerId !== null,
        exit: null,
        counts: null,
        answers: null,
        ...figuresOf(seen, gateway.host, gateway.name),
      },
    })),
    mode: view.mode,
    generation: view.generation,
    preferred: view.preferred,
  };
}

const GONE = new Set<string>(["exited", "dead", "restarting", "removing"]);

function figuresOf(
  seen: Observation | null,
  host: string,
  gateway: string,
): Partial<Figures> | null {
  const container = containerOf(
    seen?.hosts.find(({ name }) => name === host),
    gateway,
  );
  if (seen === null || container === undefined) return null;
  const { startedAt, restarts, state, address, lastExit } = container;
  return {
    startedAt,
    restarts,
    running: !GONE.has(state),
    exit:
      lastExit === null
        ? null
        : `exit code ${lastExit.code ?? "unknown"}${lastExit.outOfMemory ? ", out of memory" : ""}`,
    counts: container.status?.counts ?? null,
    answers: address === null ? null : answersOf(seen, `${address.host}:${address.port}`),
  };
}

/** Through every edge; null where none of them says anything. */
function answersOf(seen: Observation, upstream: string): Figures["answers"] {
  const edges = seen.hosts.flatMap(({ report }) => report?.edges ?? []);
  if (!edges.some(({ running }) => running)) return null;
  const mine = edges.flatMap(({ answers }) => answers.filter((each) => each.upstream === upstream));
  return {
    upstream,
    failed: mine.reduce((sum, { failed }) => sum + failed, 0),
    slow: mine.reduce((sum, { slow }) => sum + slow, 0),
  };
}
