import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { systemClock } from "@chela/shared/clock/system-clock";
import { fleetKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import { pino } from "pino";
import { Hosts, LOCAL_HOST } from "./agents/hosts.ts";
import { Images } from "./agents/images.ts";
import { joinRoutes } from "./agents/join-routes.ts";
import { AgentLinks } from "./agents/links.ts";
import { Transfers } from "./agents/transfers.ts";
import { Audit } from "./audit/audit.ts";
import { ChainWatch } from "./audit/chain-watch.ts";
import { ensureFirstAdmin, openAuth } from "./auth/auth.ts";
import { sha256 } from "./auth/hash.ts";
import { invitationRoutes } from "./auth/invitation-routes.ts";
import { Invitations } from "./auth/invitations.ts";
import { type AuditAccess, People } from "./auth/people.ts";
import { ApiTokens } from "./auth/tokens.ts";
import { callerReader } from "./auth/viewer.ts";
import { readConfig } from "./config.ts";
import { actor } from "./controller/act.ts";
import { FleetCommands } from "./controller/commands.ts";
import { Controller } from "./controller/controller.ts";
import { Executor } from "./controller/executor.ts";
import { RedisDeadLetters } from "./dead-letter/redis-dead-letters.ts";
import { EventLog } from "./feed/event-log.ts";
import { Feed } from "./feed/feed.ts";
import { Figures } from "./figures/figures.ts";
import { consoleMetrics } from "./figures/metrics.ts";
import { RedisCounts } from "./figures/redis-counts.ts";
import { RedisDuplicates } from "./figures/redis-duplicates.ts";
import { pointOf } from "./figures/sample.ts";
import { Sampler } from "./figures/sampler.ts";
import { DesiredFleet } from "./fleet/desired.ts";
import { firstSpec } from "./fleet/first-spec.ts";
import { gatewayConfigFacts } from "./fleet/gateway-config.ts";
import { FleetObserver } from "./fleet/observer.ts";
import { Reconcile } from "./fleet/reconcile.ts";
import { connectRedis } from "./fleet/redis-connection.ts";
import { RedisControl } from "./fleet/redis-control.ts";
import { RedisFleetReader } from "./fleet/redis-fleet-reader.ts";
import { LeaseWatch } from "./fleet/redis-lease-watch.ts";
import { consoleOf } from "./server/console-of.ts";
import { createConsoleServer } from "./server/http-server.ts";
import { openPages, type Pages } from "./server/pages.ts";
import { openApiDocument } from "./server/rest/openapi.ts";
import { routesOf } from "./server/routes.ts";
import { RedisSessions } from "./session/redis-sessions.ts";
import { readState } from "./state/read-state.ts";
import { ApiTokenStore } from "./store/api-tokens.ts";
import { AuditStore } from "./store/audit.ts";
import { takeControllerLease } from "./store/controller-lease.ts";
import { EventStore } from "./store/events.ts";
import { FigureStore } from "./store/figures.ts";
import { FleetStore } from "./store/fleets.ts";
import { HostStore } from "./store/hosts.ts";
import { InvitationStore } from "./store/invitations.ts";
import { OperationStore } from "./store/operations.ts";
import { storeSizes } from "./store/sizes.ts";
import { openSqlite } from "./store/sqlite.ts";
import { UserRoleStore } from "./store/user-roles.ts";

const EVENTS_IN_SNAPSHOT = 50;
const OPERATIONS_IN_SNAPSHOT = 10;
const clock = systemClock;

const config = readConfig();
const log = pino({ name: "console", level: config.logLevel });
const state = await readState(config.stateDir, config.bind);
const configText = await state.gatewayConfig();
const place = { fleet: config.fleet, keyPrefix: gatewayConfigFacts(configText).keyPrefix };

// ---- store and logins -----------------------------------------------------------------------------
const storePath = join(config.stateDir, "console.sqlite");
const database = await openSqlite(storePath);
const epoch = await takeControllerLease(database, state.consoleId);
const eventStore = new EventStore(database);
const auditStore = new AuditStore(database);
const chainWatch = new ChainWatch({ clock, log, store: auditStore });
const audit = new Audit({ clock, store: auditStore, watch: chainWatch });
const operations = new OperationStore(database);
const figureStore = new FigureStore(database);
const trustedOrigins = new Set([
  new URL(config.consoleUrl).origin,
  `http://localhost:${config.port}`,
  `http://127.0.0.1:${config.port}`,
]);
const auth = await openAuth(database, {
  secret: state.authSecret,
  consoleUrl: config.consoleUrl,
  trustedOrigins: [...trustedOrigins],
  record: (entry) => audit.append({ ...entry, fleet: null }),
});
await ensureFirstAdmin(auth, {
  email: state.access.adminEmail,
  password: state.access.adminPassword,
});
const roles = new UserRoleStore(database);
const tokenStore = new ApiTokenStore(database);
const auditAccess: AuditAccess = async (by, action, subject, detail) =>
  // A request of the control API is written down by its gate, once it is over.
  by.note === undefined
    ? audit.append({
        actor: by.name,
        from: by.from,
        fleet: null,
        action,
        subject,
        outcome: "done",
        detail: detail ?? null,
      })
    : by.note({ subject, detail: detail ?? null });
const tokens = new ApiTokens({ clock, auth, store: tokenStore, roles, audit: auditAccess });
const invitations = new Invitations({
  clock,
  auth,
  store: new InvitationStore(database),
  roles,
  audit: auditAccess,
  consoleUrl: config.consoleUrl,
});

// ---- hosts and fleet --------------------------------------------------------------------------------
const hosts = await Hosts.open(
  new HostStore(database),
  config.fleet,
  state.agentLocalSecret,
  clock.wallMs(),
);
const desired = await DesiredFleet.open(
  firstSpec(config, place.keyPrefix),
  {
    store: new FleetStore(database),
    state,
    hostOf: (name) => hosts.get(name),
    addressOf: (host) => links.lastKnown(host)?.report?.description.address ?? null,
  },
  clock.wallMs(),
);
const links = new AgentLinks({
  hosts: async () => [...hosts.records],
  configurationOf: ({ name, region, place: where }) => ({
    fleet: config.fleet,
    host: name,
    region,
    redisUrl: state.agentRedisUrl(where),
    keyPrefix: place.keyPrefix,
    shards: desired.spec.shards,
    network: where === "local" ? config.fleet : null,
  }),
  redisTrial: ({ place: where }) => {
    if (where === "local") return null;
    const { hostname, port } = new URL(state.agentRedisUrl(where));
    return {
      host: hostname,
      port: Number(port === "" ? 6379 : port),
      advice: `Start the fleet with CHELA_BIND set to an address of the console's machine that this host reaches (now ${config.bind}).`,
    };
  },
  nowMs: () => clock.wallMs(),
  log,
});
const transfers = new Transfers();
const images = new Images(links, transfers, () => clock.wallMs());

const redis = connectRedis(state.redisUrl, "chela-console");
const wakeRedis = connectRedis(state.redisUrl, "chela-console-wake");
const control = new RedisControl(redis, place);
const feed: Feed = new Feed(randomBytes(6).toString("hex"), clock, async () => {
  if (observer.view === null) return null;
  const { items } = await operations.list({ fleet: config.fleet, limit: OPERATIONS_IN_SNAPSHOT });
  return {
    fleet: observer.view,
    operations: items.map((operation) => controller.view(operation)),
    events: await eventStore.list(config.fleet, EVENTS_IN_SNAPSHOT),
    figures: sampler.samples.map(pointOf),
  };
});
const events = new EventLog({ clock, log, fleet: config.fleet, store: eventStore, feed });
const sampler: Sampler = new Sampler({
  clock,
  log,
  fleet: config.fleet,
  counts: new RedisCounts(redis, place),
  store: figureStore,
  view: () => observer.view,
  onPoint: (point) => feed.figure(point),
});
const observer: FleetObserver = new FleetObserver({
  clock,
  log,
  links,
  reader: new RedisFleetReader(redis, place, desired.spec.shards),
  control,
  spec: () => desired.spec,
  hosts: () => [...hosts.records],
  edgeUrl: (edge) => edgeUrl(edge),
  dedupe: () => sampler.lastHour(),
  rates: () => sampler.rates,
  operation: () => controller.open,
  release: () => desired.releaseView,
  watched: () => feed.watched || controller.open !== null,
});

// ---- controller ---------------------------------------------------------------------------------------
const executor = new Executor({
  act: actor({
    clock,
    links,
    images,
    desired,
    observer,
    control,
    leases: new LeaseWatch(redis, place, desired.spec.shards),
  }),
  clock,
  log,
  onChange: () => controller.wake(),
});
const controller: Controller = new Controller({
  clock,
  log,
  fleet: config.fleet,
  store: operations,
  executor,
  epoch,
  view: () => observer.view,
  look: () => observer.look(),
  onChange: (_, view) => {
    feed.operation(view);
    events.operation(view);
    observer.wake();
  },
});
await controller.load();
const reconcile = new Reconcile({
  clock,
  log,
  links,
  images,
  desired,
  observation: () => observer.observation,
  busy: () => controller.open !== null,
  firstImage: config.images.gateway,
});
observer.on("look", (view) => {
  feed.fleet(view);
  events.look(view);
  if (controller.open !== null) controller.wake();
});
links.on("event", (host, event) => events.host(host, event));
wakeRedis.on("ready", () => {
  wakeRedis.subscribe(fleetKeys(place.keyPrefix, place.fleet).wake).catch(() => {
    // The connection ended again; "ready" comes back.
  });
});
wakeRedis.on("message", () => observer.wake());

const api = consoleOf({
  clock,
  links,
  hosts,
  desired,
  observer,
  controller,
  operations,
  audit,
  feed,
  sessions: new RedisSessions(redis, place, desired.spec.shards, shardOf),
  deadLetters: new RedisDeadLetters(redis, place, desired.spec.shards),
  figures: new Figures({
    clock,
    fleet: config.fleet,
    duplicates: new RedisDuplicates(redis, place),
    store: figureStore,
    sampler,
    channels: () => gatewayConfigFacts(desired.release?.config ?? configText).channels,
  }),
  commands: new FleetCommands({
    clock,
    controller,
    desired,
    images,
    store: operations,
    look: () => observer.look(),
    observation: () => observer.observation,
  }),
  people: new People({ auth, roles, tokens: tokenStore, audit: auditAccess }),
  invitations,
  tokens,
  agentUrl: config.agentUrl,
  bind: config.bind,
});

// ---- server -------------------------------------------------------------------------------------------
const onFault = (error: unknown, path: string) =>
  log.error({ err: error, path }, "a request failed");
const metrics = consoleMetrics({
  view: () => observer.view,
  agents: () => links.hosts().length,
  watched: () => feed.watched,
  records: storeSizes(database, storePath),
  auditIntact: () => chainWatch.last?.intact ?? null,
});
let pages: Pages | null = null;
let openApi: object | null = null;
const server = createConsoleServer(
  routesOf({
    auth,
    metrics,
    links,
    pages: () => pages,
    https: config.consoleUrl.startsWith("https:"),
    openApi: () => {
      openApi ??= openApiDocument(config.consoleUrl);
      return openApi;
    },
    invitations: invitationRoutes(invitations),
    api: {
      console: api,
      monotonicMs: () => clock.monotonicMs(),
      callerOf: callerReader({
        auth,
        apiTokenHash: sha256(state.access.apiToken),
        tokens,
        roles,
        trustedOrigins,
      }),
      onFault,
    },
    joining: joinRoutes({
      hosts,
      links,
      images,
      transfers,
      fleet: config.fleet,
      agentUrl: config.agentUrl,
      agentImage: config.images.agent,
      nowMs: () => clock.wallMs(),
      audit: (entry) => audit.append(entry),
    }),
  }),
);

const stop = new AbortController();
await new Promise<void>((resolve, reject) => {
  server.once("error", reject);
  server.listen(config.port, config.listen, resolve);
});
log.info(
  { url: config.consoleUrl, listen: `${config.listen}:${config.port}`, epoch },
  "console listens",
);
const running = [observer, controller, reconcile, sampler, feed, events, chainWatch].map((part) =>
  part.run(stop.signal),
);

function shutDown(signal: string): void {
  log.info({ signal }, "console stops; operations go on at the next start");
  stop.abort();
  server.close();
  server.closeAllConnections();
  redis.disconnect();
  wakeRedis.disconnect();
  void Promise.allSettled(running)
    .then(() => database.destroy())
    .then(() => process.exit(0));
}
process.once("SIGTERM", () => shutDown("SIGTERM"));
process.once("SIGINT", () => shutDown("SIGINT"));

// Whatever becomes of the pages, the control API answers and operations go on.
try {
  pages = await openPages({
    dir: join(import.meta.dirname, ".."),
    dev: config.dev,
    hostname: "localhost",
    port: config.port,
  });
  log.info("pages are ready");
} catch (error) {
  log.error({ err: error }, "the pages cannot be shown; the control API works");
}
function edgeUrl(edge: string): string {
  const wish = desired.spec.edges.find(({ name }) => name === edge);
  if (wish === undefined) return "";
  if (wish.host === LOCAL_HOST) return state.access.edgeUrl;
  const address = links.lastKnown(wish.host)?.report?.description.address;
  return address === undefined ? "" : `http://${address}:${wish.port}`;
}
