import { once } from "node:events";
import type { Server } from "node:http";
import type { Clock } from "@chela/shared/clock/clock";
import { ERRORS } from "@chela/shared/errors/errors";
import { OUTBOX_WORD } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import type { Logger } from "pino";
import { assistantOf } from "./assistant/assistants.ts";
import { AssistantHealth } from "./assistant/health.ts";
import { channelsOf } from "./channel/channels.ts";
import { readChatFiles } from "./chat/chat-files.ts";
import { createApi, NAMELESS_TTL_SECONDS } from "./completion/api.ts";
import type { GatewayConfig } from "./config.ts";
import { depart } from "./departure.ts";
import { Counts } from "./figures/counts.ts";
import { LatencyWindow } from "./figures/latency-window.ts";
import { createMetrics } from "./figures/metrics.ts";
import { RedisSampler } from "./figures/redis-sampler.ts";
import type { WebhookDeps } from "./http/webhook.ts";
import { API_CHANNEL, WEB_CHANNEL } from "./inbox/event.ts";
import { Ingest } from "./inbox/ingest.ts";
import { Processor } from "./inbox/processor.ts";
import { RedisInbox } from "./inbox/redis-inbox.ts";
import { RedisInboxReader } from "./inbox/redis-inbox-reader.ts";
import { createRedisLeaseLoop } from "./lease/redis-lease-loop.ts";
import { RedisLive } from "./live/redis-live.ts";
import { occasionally } from "./log.ts";
import { RedisOutbox } from "./outbox/redis-outbox.ts";
import { whenReady } from "./redis/redis-connection.ts";
import { connectionsOf } from "./redis/redis-connections.ts";
import { ackOf, durabilityOf } from "./redis/redis-durability.ts";
import { RedisWarnings } from "./redis/redis-warnings.ts";
import { createAdminServer, createServer } from "./server.ts";
import { Gate } from "./session/lanes.ts";
import { RedisHistory } from "./session/redis-history.ts";
import { Solitude } from "./session/solitude.ts";
import type { AudienceDeps } from "./socket/audience.ts";
import { createWebChat } from "./socket/web-chat.ts";
import { statusOf } from "./status.ts";

const TURNS_MAX = 256;
const SENDS_MAX = 64;
/** Callers send again within minutes; the default of the channels that have a vendor does for them too. */
const CALLERS_DEDUPE_SECONDS: Readonly<Record<string, number>> = {
  [WEB_CHANNEL]: 86_400,
  // As long as the session of a caller without a name: a key that outlived it would wait for an answer that is gone.
  [API_CHANNEL]: NAMELESS_TTL_SECONDS,
};
/** How long a webhook waits for Redis to come back before it is refused. */
const HOLD_MS = 250;

export interface Gateway {
  /** Listens and takes part; Redis may still be away. Rejects when a port is taken. */
  start(): Promise<void>;
  /** Hands over, finishes, closes. */
  stop(): Promise<void>;
}

/** The whole gateway, put together. */
export function createGateway(
  config: GatewayConfig,
  incarnation: string,
  clock: Clock,
  log: Logger,
): Gateway {
  const { settings, fleet, gateway } = config;
  const redisSettings = settings.session.redis;
  const prefix = redisSettings.keyPrefix;
  const now = () => clock.monotonicMs();
  const told = occasionally(clock, 1_000);

  const redis = connectionsOf(redisSettings, gateway, clock);
  const { commands, leasing, hearing } = redis;
  const ack = ackOf(redisSettings);
  const redisWarnings = new RedisWarnings(commands, ack, clock, (warning) =>
    log.warn({ warning }, "Redis is not set up as it should be"),
  );
  const channels = channelsOf(settings.channels, () => lease.redisTimeMs());
  const assistant = assistantOf(settings.assistant, clock);
  const assistantHealth = new AssistantHealth(assistant, clock);
  const durable = durabilityOf(commands, ack, clock);
  const inbox = new RedisInbox(
    commands,
    { prefix, fleet, gateway, incarnation },
    {
      backlogMax: settings.webhook.backlogMax,
      sessionTtlSeconds: settings.session.ttlSeconds,
      historyMax: settings.session.messagesMax,
    },
    durable,
  );
  const reader = new RedisInboxReader(commands, redis.reading, clock);
  const history = new RedisHistory(commands, (session) => {
    const count = shards();
    if (count === null) throw new Error("the fleet is not known yet");
    return inbox.keys(shardOf(session, count)).history(session);
  });
  const live = new RedisLive({
    subscriber: redis.following,
    commands,
    prefix,
    fleet,
    shards: () => shards(),
  });
  /** How callers here follow their sessions. */
  const feed: Pick<AudienceDeps, "follow" | "history"> = {
    follow: (session, follower) => live.follow(session, follower),
    history,
  };
  const metrics = createMetrics({
    held: () => lease.held(),
    lost: () => lease.lost(),
    sessions: () => sampler.sessions(),
    backlog: () => sampler.backlog(),
    sockets: () => webChat.hub.open,
    deadLetters: () => sampler.deadLetters(),
  });

  const processor = new Processor({
    gate: new Gate(TURNS_MAX),
    solitude: new Solitude(clock),
    run: {
      clock,
      assistant,
      inbox,
      follow: (shard, deliver) => reader.follow(inbox.keys(shard).inbox, deliver),
      history: (session, max) => history.last(session, max),
      publish: (shard, word) => {
        live.publish(shard, word).catch(() => {
          // Only a hint: who follows reads the history anyway.
        });
      },
      outgoing: (entry, text) =>
        channels.get(entry.channel)?.outbound?.messages(entry.reply, text) ?? [],
      admit: (signal) => assistantHealth.admit(signal),
      onTurn(outcome, ms) {
        metrics.turn(outcome, ms / 1_000);
        counts.turn(outcome, ms);
        if (outcome === "given-up") metrics.deadLetter("inbox", "attempts-exhausted");
      },
      onFenced: () => metrics.commitFenced(),
      onTrouble: (what, shard, reason) =>
        told(`${what}:${reason}`, (heldBack) =>
          log.warn({ shard, reason, heldBack }, `trouble: ${what}`),
        ),
    },
    outbox: {
      clock,
      redisNowMs: () => lease.redisTimeMs(),
      gate: new Gate(SENDS_MAX),
      outbound: (name) => channels.get(name)?.outbound ?? null,
      outbox: new RedisOutbox(commands, { prefix, fleet, gateway, incarnation }, durable),
      onSend(channel, event) {
        metrics.send(channel, event.outcome);
        if (event.outcome === "sent") return;
        if (event.outcome === "given-up") metrics.deadLetter("outbox", event.reason);
        told(`send:${channel}:${event.outcome}`, (heldBack) =>
          log.warn({ channel, ...event, heldBack }, "a reply was not sent"),
        );
      },
    },
  });
  const lease = createRedisLeaseLoop({
    redis: leasing,
    durable: durabilityOf(leasing, ack, clock),
    subscriber: hearing,
    prefix,
    fleet,
    name: gateway,
    incarnation,
    version: config.version,
    weight: config.weight,
    work: processor,
    assistantUp: () => assistantHealth.up(),
    clock,
    log,
  });
  hearing.on("message", (_channel, word) => {
    if (word === OUTBOX_WORD) processor.lookAtOutboxes();
  });
  /** K, unless this gateway does not fit the fleet; that Redis is away is found out by storing. */
  const shards = () =>
    lease.faults().every((fault) => fault.startsWith("redis-unreachable:")) ? lease.shards() : null;
  const sampler = new RedisSampler({
    redis: commands,
    prefix,
    fleet,
    clock,
    redisNowMs: () => lease.redisTimeMs(),
    shards,
    held: () => lease.held(),
  });

  const ingest = new Ingest({
    store: (items) => inbox.ingest(items),
    redisReady: () => whenReady(commands, HOLD_MS, clock),
    shards,
    dedupeTtlMs: (channel) =>
      dedupeTtlMs(
        config,
        channels.get(channel)?.dedupeTtlSeconds ?? CALLERS_DEDUPE_SECONDS[channel] ?? 0,
      ),
    onDuplicate: (event) => sampler.duplicate(event),
  });
  const latencies = new LatencyWindow();
  const counts = new Counts();
  const webhook: WebhookDeps = {
    gateway,
    channels,
    bodyBytesMax: settings.webhook.bodyBytesMax,
    clock,
    redisNowMs: () => lease.redisTimeMs(),
    store: (event) => ingest.store(event),
    onWebhook(channel, outcome, ms, code) {
      metrics.webhook(channel, outcome);
      sampler.count(channel, outcome);
      if (code === undefined) {
        if (outcome === "accepted" || outcome === "duplicate") counts.stored(outcome);
        counts.acceptedWithin(ms);
        metrics.accepted(ms / 1_000);
        latencies.add(ms, now());
      } else {
        counts.refused(ERRORS[code].status);
        told(`webhook:${channel}:${code}`, (heldBack) =>
          log.info({ channel, outcome, code, heldBack }, "webhook refused"),
        );
      }
    },
  };

  const startedMs = now();
  let leaving = false;
  let hurried = false;
  let requestsOpen = 0;
  const webChat = createWebChat({
    clock,
    tokens: settings.clients?.token ?? [],
    feed,
    store: (event) => ingest.store(event),
    onStored(outcome) {
      sampler.count(WEB_CHANNEL, outcome);
      if (outcome === "unavailable") counts.refused(503);
      else counts.stored(outcome);
    },
    lease,
    leaving: () => leaving,
    shards,
    redisTrouble: () => redis.trouble(),
  });
  const api = createApi({
    clock,
    settings,
    feed,
    answerTo: (session, event) => history.answerTo(session, event),
    store: (event) => ingest.store(event),
    redisReady: () => whenReady(commands, HOLD_MS, clock),
    shards,
    onCall(call) {
      if (call.outcome !== "refused") {
        counts.stored(call.outcome);
        return sampler.count(API_CHANNEL, call.outcome);
      }
      const { status } = ERRORS[call.code];
      counts.refused(status);
      sampler.count(API_CHANNEL, status === 503 ? "unavailable" : "rejected");
      told(`api:${call.code}`, (heldBack) =>
        log.info({ code: call.code, heldBack }, "call to /v1 refused"),
      );
    },
  });
  const status = () =>
    statusOf({
      gateway,
      fleet,
      version: config.version,
      lease,
      redisTrouble: redis.trouble(),
      warnings: redisWarnings.list(),
      fullShards: sampler.full(settings.webhook.backlogMax),
      leaving,
      assistantUp: assistantHealth.up(),
      inFlight: processor.inFlight(),
      backlog: sampler.backlog(),
      sockets: webChat.hub.open,
      acceptP99Ms: latencies.p99Ms(now()),
      counts: counts.read(),
      uptimeMs: Math.round(now() - startedMs),
    });
  const serverDeps = {
    webhook,
    registry: metrics.registry,
    status,
    leaving: () => leaving,
    onOpen: (more: 1 | -1) => {
      requestsOpen += more;
    },
    onError(error: unknown, path: string) {
      counts.refused(ERRORS.internal.status);
      log.error({ err: error, path }, "request failed");
    },
  };
  const chat = readChatFiles();
  const server = createServer({ ...serverDeps, sockets: webChat.door, chat, api });
  const admin = createAdminServer({
    ...serverDeps,
    adminToken: config.adminToken,
    setDraining: (draining) => lease.setDraining(draining),
    hurry() {
      hurried = true;
      leaving = true;
      // The edge meets a closed port and asks another gateway; what is open is answered.
      server.close();
    },
  });

  return {
    async start() {
      await Promise.all([listen(server, config.port), listen(admin, config.adminPort), chat]);
      redis.start((reason) =>
        told(`redis:${reason}`, () => log.warn({ reason }, "Redis cannot be reached")),
      );
      redisWarnings.start();
      assistantHealth.start();
      reader.start();
      lease.start();
      sampler.start();
      void webChat.hub.start();
    },

    async stop() {
      leaving = true;
      await depart({
        lease,
        hurried,
        listeners: [server, admin],
        requestsOpen: () => requestsOpen,
        sockets: webChat.hub,
        clock,
      });
      assistantHealth.stop();
      redisWarnings.stop();
      reader.stop();
      await sampler.stop();
      redis.stop();
    },
  };
}

function dedupeTtlMs({ settings }: GatewayConfig, channelSeconds: number): number {
  const { deduplication, deduplicationTTL } = settings.webhook;
  return deduplication ? (deduplicationTTL ?? channelSeconds) * 1_000 : 0;
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port);
  await once(server, "listening");
}
