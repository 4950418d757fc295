import { join } from "node:path";
import { systemClock } from "@chela/shared/clock/system-clock";
import { pino } from "pino";
import { AgentDoor } from "./agents/door.ts";
import { joinRoutes } from "./agents/join-routes.ts";
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
import { Acting } from "./controller/acting.ts";
import { ConsoleMetrics } from "./figures/metrics.ts";
import { firstSpec } from "./fleet/first-spec.ts";
import { fleetCommands } from "./fleet/fleet-commands.ts";
import { Fleets } from "./fleet/fleets.ts";
import { connectRedis } from "./fleet/redis-connection.ts";
import { RedisWakes } from "./fleet/redis-wakes.ts";
import { type FleetShared, openFleet } from "./fleet/runtime.ts";
import { consoleOf } from "./server/console-of.ts";
import { createConsoleServer } from "./server/http-server.ts";
import { openPages, type Pages } from "./server/pages.ts";
import { openApiDocument } from "./server/rest/openapi.ts";
import { routesOf } from "./server/routes.ts";
import { fleetPlaces } from "./state/fleet-places.ts";
import { readState } from "./state/read-state.ts";
import { ApiTokenStore } from "./store/api-tokens.ts";
import { AuditStore } from "./store/audit.ts";
import { ControllerLease } from "./store/controller-lease.ts";
import { EventStore } from "./store/events.ts";
import { FigureStore } from "./store/figures.ts";
import { FleetStore } from "./store/fleets.ts";
import { HoldingsStore } from "./store/holdings.ts";
import { HostStore } from "./store/hosts.ts";
import { InvitationStore } from "./store/invitations.ts";
import { OperationStore } from "./store/operations.ts";
import { storeSizes } from "./store/sizes.ts";
import { openSqlite, sqliteDialect } from "./store/sqlite.ts";
import { UserRoleStore } from "./store/user-roles.ts";

const clock = systemClock;

const config = readConfig();
const log = pino({ name: "console", level: config.logLevel });
const state = await readState(config.stateDir, config.bind);

// ---- store and logins -----------------------------------------------------------------------------
const storePath = join(config.stateDir, "console.sqlite");
const database = await openSqlite(storePath);
const acting = await Acting.begin({
  clock,
  log,
  lease: new ControllerLease(database, state.consoleId, sqliteDialect.nowMs),
});
const auditStore = new AuditStore(database);
const chainWatch = new ChainWatch({ clock, log, store: auditStore });
const audit = new Audit({ clock, store: auditStore, watch: chainWatch });
const operations = new OperationStore(database);
const metrics = new ConsoleMetrics({
  nowMs: () => clock.wallMs(),
  fleets: () =>
    fleets.all.map(({ name, observer, links, feed, controller }) => ({
      fleet: name,
      view: observer.view,
      agents: links.hosts().length,
      viewers: feed.viewers,
      openSinceMs: controller.open?.startedAtMs ?? null,
    })),
  epoch: () => acting.current,
  records: storeSizes(database, storePath),
  auditIntact: () => chainWatch.last?.intact ?? null,
});
const trustedOrigins = new Set([
  new URL(config.consoleUrl).origin,
  `http://localhost:${config.port}`,
  `http://127.0.0.1:${config.port}`,
]);
const auth = await openAuth(database, {
  secret: state.authSecret,
  consoleUrl: config.consoleUrl,
  trustedOrigins: [...trustedOrigins],
  record: (entry) => {
    if (entry.action === "login") metrics.login(entry.outcome);
    return audit.append({ ...entry, fleet: null });
  },
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

// ---- fleets -------------------------------------------------------------------------------------------
const redis = connectRedis(state.redisUrl, "chela-console");
const wakeRedis = connectRedis(state.redisUrl, "chela-console-wake");
const transfers = new Transfers();
const hostStore = new HostStore(database);
const fleetStore = new FleetStore(database);
const shared: FleetShared = {
  clock,
  log,
  config,
  stores: {
    fleets: fleetStore,
    hosts: hostStore,
    operations,
    events: new EventStore(database),
    figures: new FigureStore(database),
    holdings: new HoldingsStore(database),
  },
  redis,
  wakes: new RedisWakes(wakeRedis),
  transfers,
  network: config.fleet,
  metrics,
  acting,
  agentsElsewhere: (fleet) =>
    fleets.all
      .filter(({ name }) => name !== fleet)
      .flatMap(({ links }) => links.hosts().map((host) => links.agent(host))),
};
const fleets: Fleets = await Fleets.open({
  clock,
  log,
  first: firstSpec(config),
  local: { secret: state.agentLocalSecret, edgeUrl: state.access.edgeUrl },
  known: () => fleetStore.list(),
  stateOf: (fleet) => state.fleet(fleet),
  open: (own) => openFleet(own, shared),
});
const door = new AgentDoor({
  linksOf: (fleet) => fleets.find(fleet)?.links,
  firstFleet: config.fleet,
  log,
});

const api = consoleOf({
  clock,
  fleets,
  fleetCommands: fleetCommands({
    clock,
    fleets,
    store: fleetStore,
    redis,
    epoch: () => acting.epoch,
    places: fleetPlaces(config.stateDir, state.redisOwnerUrl),
  }),
  operations,
  audit,
  people: new People({ auth, roles, tokens: tokenStore, audit: auditAccess }),
  invitations,
  tokens,
});

// ---- server -------------------------------------------------------------------------------------------
const onFault = (error: unknown, path: string) => {
  metrics.fault();
  log.error({ err: error, path }, "a request failed");
};
let pages: Pages | null = null;
let openApi: object | null = null;
const server = createConsoleServer(
  routesOf({
    auth,
    metrics: metrics.registry,
    door,
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
      invited: (token, nowMs) => hostStore.validToken(sha256(token), nowMs),
      fleet: (name) => fleets.find(name),
      transfers,
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
log.info({ url: config.consoleUrl, listen: `${config.listen}:${config.port}` }, "console listens");
const running = [acting, fleets, chainWatch].map((part) => part.run(stop.signal));

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
