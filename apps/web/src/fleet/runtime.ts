import { randomBytes } from "node:crypto";
import type { Clock } from "@chela/shared/clock/clock";
import type { FleetSpec } from "@chela/shared/fleet/spec";
import type { OperationView } from "@chela/shared/fleet/view";
import { fleetKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import type { Logger } from "pino";
import type { Agent } from "../agents/agent.ts";
import { hostCommands } from "../agents/host-commands.ts";
import { Hosts, LOCAL_HOST } from "../agents/hosts.ts";
import { Images } from "../agents/images.ts";
import type { AgentLinks } from "../agents/links.ts";
import type { Transfers } from "../agents/transfers.ts";
import type { Config } from "../config.ts";
import { actor } from "../controller/act.ts";
import type { Acting } from "../controller/acting.ts";
import type { ActDeps } from "../controller/acts/context.ts";
import { verify } from "../controller/acts/fleet.ts";
import { FleetCommands } from "../controller/commands.ts";
import { Controller } from "../controller/controller.ts";
import { Executor } from "../controller/executor.ts";
import { FailoverWatch } from "../controller/failover-watch.ts";
import { RedisDeadLetters } from "../dead-letter/redis-dead-letters.ts";
import { EventLog } from "../feed/event-log.ts";
import { Feed } from "../feed/feed.ts";
import { Figures } from "../figures/figures.ts";
import type { ConsoleMetrics } from "../figures/metrics.ts";
import { RedisCounts } from "../figures/redis-counts.ts";
import { RedisDuplicates } from "../figures/redis-duplicates.ts";
import { pointOf } from "../figures/sample.ts";
import { Sampler } from "../figures/sampler.ts";
import type { Commands, Console } from "../server/console.ts";
import { RedisSessions } from "../session/redis-sessions.ts";
import type { FleetState } from "../state/read-state.ts";
import type { EventStore } from "../store/events.ts";
import type { FigureStore } from "../store/figures.ts";
import type { FleetStore } from "../store/fleets.ts";
import type { HoldingsStore } from "../store/holdings.ts";
import type { HostStore } from "../store/hosts.ts";
import type { OperationStore } from "../store/operations.ts";
import { ControlKeeper } from "./control-keeper.ts";
import { DesiredFleet } from "./desired.ts";
import { fleetLinks } from "./fleet-links.ts";
import { gatewayConfigFacts } from "./gateway-config.ts";
import { FleetObserver } from "./observer.ts";
import { Reconcile } from "./reconcile.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { RedisControl } from "./redis-control.ts";
import { RedisFleetReader } from "./redis-fleet-reader.ts";
import { LeaseWatch } from "./redis-lease-watch.ts";
import type { RedisWakes } from "./redis-wakes.ts";

const EVENTS_IN_SNAPSHOT = 50;
const OPERATIONS_IN_SNAPSHOT = 10;

/** What all fleets of this console have in common. */
export interface FleetShared {
  clock: Clock;
  log: Logger;
  config: Pick<Config, "images" | "agentUrl" | "bind">;
  stores: {
    fleets: FleetStore;
    hosts: HostStore;
    operations: OperationStore;
    events: EventStore;
    figures: FigureStore;
    holdings: HoldingsStore;
  };
  redis: RedisConnection;
  wakes: RedisWakes;
  transfers: Transfers;
  /** Docker network of Redis and of all local gateways. */
  network: string;
  metrics: Pick<ConsoleMetrics, "operation" | "told">;
  /** Whether this console acts as controller: for every fleet, or for none. */
  acting: Acting;
  /** Agents of the console's other fleets, which may hold an image that this one lacks. */
  agentsElsewhere(fleet: string): Agent[];
}

export interface FleetOwn {
  /** What it is at its very first start, see DesiredFleet.open; its name counts always. */
  first: FleetSpec;
  state: FleetState;
  /** The host beside the console; null: this fleet has none there. */
  local: { secret: string; edgeUrl: string } | null;
}

/** Everything that belongs to one fleet. Fleets share nothing of it. */
export interface FleetRuntime {
  readonly name: string;
  readonly hosts: Hosts;
  readonly links: AgentLinks;
  readonly images: Images;
  readonly desired: DesiredFleet;
  readonly observer: FleetObserver;
  readonly controller: Controller;
  readonly commands: Commands;
  readonly hostCommands: Console["hosts"];
  readonly sessions: RedisSessions;
  readonly deadLetters: RedisDeadLetters;
  readonly figures: Figures;
  readonly feed: Feed;
  /** Observes and acts until `signal` is aborted; nothing of the fleet goes on after it. */
  run(signal: AbortSignal): Promise<void>;
}

/** Puts one fleet together; nothing runs before `run`. */
export async function openFleet(
  { first, state, local }: FleetOwn,
  { clock, config, stores, redis, wakes, transfers, acting, metrics, ...shared }: FleetShared,
): Promise<FleetRuntime> {
  const { fleet } = first;
  const log = shared.log.child({ fleet });
  const configText = await state.gatewayConfig();
  const place = { fleet, keyPrefix: gatewayConfigFacts(configText).keyPrefix };

  // ---- hosts and fleet ------------------------------------------------------------------------------
  const hosts = await Hosts.open(stores.hosts, fleet, local?.secret ?? null, clock.wallMs());
  const desired = await DesiredFleet.open(
    { ...first, keyPrefix: place.keyPrefix },
    {
      store: stores.fleets,
      state,
      hostOf: (name) => hosts.get(name),
      epoch: () => acting.epoch,
      addressOf: (host) => links.lastKnown(host)?.report?.description.address ?? null,
    },
    clock.wallMs(),
  );
  const { shards } = desired.spec;
  const links = fleetLinks({
    ...{ place, shards, hosts, state, acting, log },
    localGiven: local !== null,
    network: shared.network,
    bind: config.bind,
    nowMs: () => clock.wallMs(),
  });
  const images = new Images({
    links,
    transfers,
    elsewhere: () => shared.agentsElsewhere(fleet),
    nowMs: () => clock.wallMs(),
  });
  const edgeUrl = (edge: string): string => {
    const wish = desired.spec.edges.find(({ name }) => name === edge);
    if (wish === undefined) return "";
    if (wish.host === LOCAL_HOST && local !== null) return local.edgeUrl;
    const address = links.lastKnown(wish.host)?.report?.description.address;
    return address === undefined ? "" : `http://${address}:${wish.port}`;
  };

  // ---- what is seen and told ------------------------------------------------------------------------
  const control = new RedisControl(redis, place, () => acting.epoch);
  const feed: Feed = new Feed(
    randomBytes(6).toString("hex"),
    clock,
    async () => {
      if (observer.view === null) return null;
      const { items } = await stores.operations.list({ fleet, limit: OPERATIONS_IN_SNAPSHOT });
      return {
        fleet: observer.view,
        operations: items.map((operation) => controller.view(operation)),
        events: await stores.events.list(fleet, EVENTS_IN_SNAPSHOT),
        figures: sampler.samples.map(pointOf),
      };
    },
    (ms) => metrics.told(fleet, ms),
  );
  const events = new EventLog({ clock, log, fleet, store: stores.events, feed });
  const sampler: Sampler = new Sampler({
    clock,
    log,
    fleet,
    counts: new RedisCounts(redis, place),
    store: stores.figures,
    view: () => observer.view,
    onPoint: (point) => feed.figure(point),
  });
  const keeper = new ControlKeeper({ log, control, acting, spec: () => desired.spec });
  const observer: FleetObserver = new FleetObserver({
    clock,
    log,
    links,
    reader: new RedisFleetReader(redis, place, shards),
    keeper,
    standingBy: () => acting.reason,
    spec: () => desired.spec,
    hosts: () => [...hosts.records],
    edgeUrl,
    dedupe: () => sampler.lastHour(),
    rates: () => sampler.rates,
    operation: () => controller.open,
    release: () => desired.releaseView,
    edgeHashes: () => desired.edgeHashes,
    watched: () => feed.watched || controller.open !== null,
  });

  // ---- controller -----------------------------------------------------------------------------------
  const actDeps: ActDeps = {
    ...{ clock, links, images, desired, observer, control, hosts },
    leases: new LeaseWatch(redis, place, shards),
    edgeImage: config.images.edge,
  };
  const executor = new Executor({
    act: actor(actDeps),
    clock,
    log,
    onChange: () => controller.wake(),
    onStale: () => acting.doubt(),
  });
  const forgetEnd = acting.onEnd(() => executor.stop());
  const controller: Controller = new Controller({
    clock,
    log,
    fleet,
    store: stores.operations,
    executor,
    acting,
    announce: async () => {
      await control.announce(shards);
      await links.announce();
    },
    view: () => observer.view,
    observation: () => observer.observation,
    look: () => observer.look(),
    onChange: (operation, view) => {
      failovers.ordered(operation);
      told(view);
    },
  });
  const told = (view: OperationView) => {
    metrics.operation(view);
    feed.operation(view);
    events.operation(view);
    observer.wake();
  };
  const failovers: FailoverWatch = new FailoverWatch({
    ...{ clock, log, fleet, acting, operations: stores.operations, holdings: stores.holdings },
    open: () => controller.open,
    probe: async () => {
      const probed = await verify(actDeps);
      return probed.ok
        ? { ok: true, detail: probed.detail ?? "" }
        : { ok: false, detail: probed.message };
    },
    onRecord: (operation) => told(controller.view(operation)),
  });
  await controller.load();
  const commands = new FleetCommands({
    clock,
    controller,
    desired,
    images,
    store: stores.operations,
    look: () => observer.look(),
    observation: () => observer.observation,
    seen: () => observer.view,
    keeper,
  });
  const reconcile = new Reconcile({
    clock,
    log,
    links,
    images,
    desired,
    observation: () => observer.observation,
    busy: () => acting.current === null || controller.open !== null,
    firstImage: config.images.gateway,
    correct: (drifts) => commands.correctDrift(drifts),
  });
  observer.on("look", (view) => {
    feed.fleet(view);
    events.look(view);
    if (controller.open !== null) controller.wake();
    if (observer.observation !== null) failovers.look(observer.observation);
  });
  links.on("event", (host, event) => {
    failovers.hear(event);
    events.host(host, event);
  });
  const { wake } = fleetKeys(place.keyPrefix, fleet);

  return {
    name: fleet,
    hosts,
    links,
    images,
    desired,
    observer,
    controller,
    feed,
    sessions: new RedisSessions(redis, place, shards, shardOf),
    deadLetters: new RedisDeadLetters(redis, place, shards),
    figures: new Figures({
      clock,
      fleet,
      duplicates: new RedisDuplicates(redis, place),
      store: stores.figures,
      sampler,
      channels: () => gatewayConfigFacts(desired.release?.config ?? configText).channels,
    }),
    commands,
    hostCommands: hostCommands({
      clock,
      hosts,
      links,
      desired,
      agentUrl: config.agentUrl,
      bind: config.bind,
      look: () => observer.look(),
    }),
    async run(signal) {
      wakes.listen(wake, () => observer.wake());
      const parts = [observer, controller, reconcile, sampler, feed, events];
      await Promise.all(parts.map((part) => part.run(signal)));
      wakes.ignore(wake);
      forgetEnd();
      for (const host of links.hosts()) links.cut(host);
    },
  };
}
