import { LABEL } from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";
import {
  containerName,
  EDGE_CURRENT_PATH,
  GATEWAY_SECRETS_PATH,
  surgeName,
} from "../docker/container-spec.ts";
import type { ContainerView, Engine } from "../docker/port.ts";
import type { Journal } from "../state/journal.ts";
import type { Changes } from "../watch/report.ts";
import { type Attempts, type Observed, reconcile } from "./reconcile.ts";
import type { Turns } from "./turns.ts";

const TICK_MS = 1_000;

export interface KeeperDeps {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly turns: Turns;
  readonly changes: Changes;
  readonly views: () => readonly ContainerView[];
  readonly fleet: string;
  /** Take-overs that were begun and not finished. */
  readonly isUnsettled: (gateway: string, names: ReadonlySet<string>) => boolean;
  readonly settle: (gateway: string) => Promise<void>;
  /** A container that ended is about to be started. */
  readonly restarting: (container: ContainerView) => void;
  readonly restarted: (container: ContainerView) => void;
  readonly failed: (container: ContainerView, error: Error) => void;
}

/** Keeps containers running: looks at each change and once a second; needs no console. */
export async function keepRunning(deps: KeeperDeps, signal: AbortSignal): Promise<void> {
  const { clock, changes, journal, turns } = deps;
  let attempts: ReadonlyMap<string, Attempts> = new Map();
  while (!signal.aborted) {
    const seen = changes.count;
    const views = deps.views();
    const byName = new Map(views.map((view) => [view.name, view]));
    const observed = await Promise.all(views.map((view) => observe(view, deps)));
    const names = new Set(byName.keys());
    const isLeft = (name: string) => {
      const gateway = byName.get(name)?.labels[LABEL.gateway] ?? "";
      if (turns.isBusy(turnOf(byName.get(name)!, deps.fleet)) || journal.isHeld(gateway))
        return true;
      // Its successor has begun to take over: what has stopped stays so.
      return journal.isTakingOver(gateway) && name === containerName(deps.fleet, gateway);
    };
    for (const gateway of new Set(views.flatMap((view) => view.labels[LABEL.gateway] ?? []))) {
      if (turns.isBusy(containerName(deps.fleet, gateway))) continue;
      if (deps.isUnsettled(gateway, names)) void settle(gateway, byName, deps);
    }
    const next = reconcile(observed, isLeft, attempts, clock.monotonicMs());
    attempts = next.attempts;
    for (const name of next.start) {
      const view = byName.get(name);
      if (view !== undefined) void start(view, deps);
    }
    await changes.after(seen, TICK_MS, clock, signal);
  }
}

/** In the container's turn, and looked at again there: a command may have come first. */
function start(view: ContainerView, deps: KeeperDeps): Promise<void> {
  return deps.turns.take(turnOf(view, deps.fleet), async () => {
    try {
      const now = await deps.engine.inspect(view.id);
      const gateway = view.labels[LABEL.gateway] ?? "";
      const stopped = now?.state === "exited" || now?.state === "created";
      if (!stopped || deps.journal.isHeld(gateway)) return;
      deps.restarting(now);
      await deps.engine.start(view.id);
      deps.restarted(view);
    } catch (error) {
      deps.failed(view, error as Error);
    }
  });
}

async function settle(
  gateway: string,
  byName: ReadonlyMap<string, ContainerView>,
  deps: KeeperDeps,
): Promise<void> {
  try {
    await deps.settle(gateway);
  } catch (error) {
    const view = byName.get(surgeName(deps.fleet, gateway));
    if (view !== undefined) deps.failed(view, error as Error);
  }
}

/** Both containers of a gateway share one turn. */
function turnOf({ name, labels }: ContainerView, fleet: string): string {
  const gateway = labels[LABEL.gateway];
  return gateway === undefined ? name : containerName(fleet, gateway);
}

async function observe(view: ContainerView, deps: KeeperDeps): Promise<Observed> {
  const startedMs = view.startedAt === null ? null : Date.parse(view.startedAt);
  const running = view.state === "running" && startedMs !== null;
  return {
    name: view.name,
    state: view.state,
    prepared: view.state !== "created" || (await isPrepared(view, deps.engine)),
    runningForMs: running ? Math.max(0, deps.clock.wallMs() - startedMs) : null,
  };
}

async function isPrepared(view: ContainerView, engine: Engine): Promise<boolean> {
  const last = view.labels[LABEL.edge] === undefined ? GATEWAY_SECRETS_PATH : EDGE_CURRENT_PATH;
  return (await engine.findFile(view.id, last).catch(() => null)) !== null;
}
