import { type HostEvent, type HostReport, LABEL } from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";
import type { Logger } from "pino";
import type { ContainerEvent, ContainerView, Engine } from "./docker/port.ts";
import { EdgeLogFollower } from "./edge/log-follower.ts";
import { EdgeRunner } from "./edge/runner.ts";
import type { AgentMetrics } from "./figures/metrics.ts";
import { keepRunning } from "./gateway/keeper.ts";
import { isPortFree, probeTcp } from "./gateway/port-probe.ts";
import { GatewayRunner } from "./gateway/runner.ts";
import { adminToken } from "./gateway/secrets.ts";
import { Turns } from "./gateway/turns.ts";
import type { Host } from "./host/host.ts";
import type { Images } from "./image/images.ts";
import type { AgentParts } from "./router.ts";
import type { HostConfigurationFile } from "./state/host-configuration.ts";
import type { Journal } from "./state/journal.ts";
import { Broadcast } from "./watch/broadcast.ts";
import { ContainerWatch } from "./watch/container-watch.ts";
import { Exits } from "./watch/exits.ts";
import { LeaseHints } from "./watch/lease-hints.ts";
import { gatewayObservations } from "./watch/observation.ts";
import { Changes, reports } from "./watch/report.ts";
import { StatusPoller } from "./watch/status-poller.ts";
import { UsageSampler } from "./watch/usage.ts";

const EVENTS_BUFFERED_MAX = 1_000;
const EDGE_PROBE_EVERY_MS = 2_000;

export interface AgentDeps {
  readonly fleet: string;
  /** Guarded: this fleet's containers only. */
  readonly engine: Engine;
  readonly host: Host;
  readonly images: Images;
  readonly journal: Journal;
  readonly configuration: HostConfigurationFile;
  readonly hostSecret: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: AgentMetrics;
}

/** Puts the agent together: what the router calls, and what runs by itself until the signal is aborted. */
export function createAgent(deps: AgentDeps): {
  parts: AgentParts;
  run(signal: AbortSignal): Promise<void>;
} {
  const { fleet, engine, host, journal, clock, log, metrics } = deps;
  const turns = new Turns();
  const changes = new Changes();
  const events = new Broadcast<HostEvent>(EVENTS_BUFFERED_MAX);
  const tell = (
    kind: HostEvent["kind"],
    of: { gateway?: string | undefined; edge?: string | undefined },
    detail: string,
  ) => {
    const at = new Date(clock.wallMs()).toISOString();
    events.send({ at, kind, gateway: of.gateway ?? null, edge: of.edge ?? null, detail });
    log.info({ kind, ...of }, detail);
  };
  const ofContainer = (labels: Readonly<Record<string, string>>) => ({
    gateway: labels[LABEL.gateway],
    edge: labels[LABEL.edge],
  });

  const exits = new Exits();
  const leases = new LeaseHints({
    clock,
    released: (gateway, shards, ms) => {
      metrics.released(shards, ms);
      if (shards === 0) return;
      tell(
        "leases-released",
        { gateway },
        `${shards} shards of ${gateway} freed in ${ms.toFixed(1)} ms.`,
      );
    },
    failed: (error) => log.warn({ error: error.message }, "Redis cannot be reached from this host"),
  });
  deps.configuration.follow((configuration) => leases.configure(configuration));

  const heard = (event: ContainerEvent) => {
    const of = ofContainer(event.labels);
    const name = of.gateway ?? of.edge ?? event.container;
    if (event.action === "oom") {
      exits.ranOutOfMemory(event.container, event.atMs);
      metrics.outOfMemory.inc();
    } else if (event.action === "die") {
      // Before anything else: each millisecond counts here.
      leases.died(event.container, event.atMs);
      exits.died(event.container, event.exitCode, event.atMs);
      metrics.deaths.inc();
      tell("container-died", of, `${name} ended with exit code ${event.exitCode ?? "unknown"}.`);
    } else if (event.action === "start") tell("container-started", of, `${name} started.`);
    else if (event.action === "create") tell("container-created", of, `${name} was created.`);
    else if (event.action === "destroy") tell("container-removed", of, `${name} was removed.`);
  };
  let over = false;
  const watch = new ContainerWatch(engine, fleet, clock, {
    event: heard,
    engine: (error) => (error === null ? log.info("Docker answers") : log.error(error)),
    changed: () => {
      // A look that was under way when the agent was told to stop: whoever follows now is never told to leave.
      if (over) return;
      const views = watch.views;
      for (const view of views) {
        // For a death whose event was missed; one that was told already changes nothing.
        if (view.finishedAt !== null) leases.died(view.id, Date.parse(view.finishedAt));
      }
      exits.saw(views);
      poller.sync(views);
      edgeLogs.sync(views);
      changes.mark();
    },
  });
  const tokenOf = (gateway: string) => adminToken(deps.hostSecret, gateway);
  const poller = new StatusPoller(clock, tokenOf, {
    answered: (view, status, atMs) => leases.saw(view.id, status, atMs),
    dropped: (container) => void watch.look(container),
    silent: (gateway, reason) => tell("gateway-silent", { gateway }, reason),
    changed: changes.mark,
  });
  const edgeLogs = new EdgeLogFollower(engine, clock);
  const usage = new UsageSampler(engine, clock);
  const factsOf = (view: ContainerView) => ({
    note: poller.note(view),
    usage: usage.of(view.id),
    restarts: exits.restarts(view),
    lastExit: exits.lastExit(view.id),
  });
  const observe = (views: readonly ContainerView[]) =>
    gatewayObservations(views, fleet, factsOf, (gateway) => journal.portsOf(gateway));

  const gateways = new GatewayRunner({
    engine,
    fleet,
    host: () => host.context(),
    journal,
    turns,
    adminToken: tokenOf,
    isPortFree,
    observe,
    setDraining: (view, draining) => poller.setDraining(view, draining),
    hurryAway: (view) => poller.hurryAway(view),
  });
  const edges = new EdgeRunner({
    engine,
    fleet,
    host: () => host.context(),
    journal,
    turns,
    clock,
    answers: (container) => edgeLogs.answers(container)?.list() ?? [],
    reloaded: (edge) => {
      metrics.reloads.inc();
      tell("edge-reloaded", { edge }, `${edge} runs a new configuration, verified through it.`);
      changes.mark();
    },
  });

  const observeEdges = (views: readonly ContainerView[]) =>
    views.flatMap((view) => {
      const edge = view.labels[LABEL.edge];
      return edge === undefined ? [] : [edges.observed(edge, view)];
    });
  const report = async (): Promise<HostReport> => {
    const described = await host.describe();
    const views = watch.views;
    return {
      at: new Date(clock.wallMs()).toISOString(),
      // The watch notices first when Docker goes away.
      description: { ...described, engineError: described.engineError ?? watch.engineError },
      gateways: observe(views),
      edges: observeEdges(views),
    };
  };
  metrics.follow(() => ({
    engineError: watch.engineError,
    containers: watch.views,
    gateways: observe(watch.views),
    edges: observeEdges(watch.views),
  }));
  const probeEdges = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      await edges.refreshProbes(watch.views);
      await clock.sleep(EDGE_PROBE_EVERY_MS, signal);
    }
  };

  return {
    parts: {
      heed: (epoch) => journal.heed(epoch),
      host: {
        describe: () => host.describe(),
        configure: (configuration) => host.configure(configuration),
        probeTcp,
      },
      gateways,
      images: deps.images,
      edges,
      watch: {
        observe: (signal) => reports(report, changes, clock, signal),
        events: (signal) => events.listen(signal),
      },
    },
    run: async (signal) => {
      await Promise.all([
        host.run(signal),
        watch.run(signal),
        usage.run(() => watch.views, signal),
        probeEdges(signal),
        keepRunning(
          {
            engine,
            clock,
            journal,
            turns,
            changes,
            views: () => watch.views,
            fleet,
            isUnsettled: (gateway, names) => gateways.isUnsettled(gateway, names),
            settle: (gateway) => gateways.settle(gateway),
            restarting: (view) => exits.bringingBack(view),
            restarted: (view) => {
              metrics.restarts.inc();
              tell(
                "restarted-by-agent",
                ofContainer(view.labels),
                `${view.name} was down and was started again.`,
              );
            },
            failed: (view, error) =>
              log.error({ container: view.name, error: error.message }, "could not start it again"),
          },
          signal,
        ),
      ]);
      over = true;
      poller.stop();
      edgeLogs.stop();
      leases.close();
    },
  };
}
