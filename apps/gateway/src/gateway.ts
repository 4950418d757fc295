import { once } from "node:events";
import type { Server } from "node:http";
import type { Clock } from "@chela/shared/clock/clock";
import type { Logger } from "pino";
import { assistantOf } from "./assistant/assistants.ts";
import { AssistantHealth } from "./assistant/health.ts";
import { channelsOf } from "./channel/channels.ts";
import type { GatewayConfig } from "./config.ts";
import { depart } from "./departure.ts";
import { LatencyWindow } from "./figures/latency-window.ts";
import { createMetrics } from "./figures/metrics.ts";
import { RedisSampler } from "./figures/redis-sampler.ts";
import type { WebhookDeps } from "./http/webhook.ts";
import { Ingest } from "./inbox/ingest.ts";
import { Processor } from "./inbox/processor.ts";
import { RedisInbox } from "./inbox/redis-inbox.ts";
import { RedisInboxReader } from "./inbox/redis-inbox-reader.ts";
import { createRedisLeaseLoop } from "./lease/redis-lease-loop.ts";
import { RedisLive } from "./live/redis-live.ts";
import { occasionally } from "./log.ts";
import { RedisOutbox } from "./outbox/redis-outbox.ts";
import {
  commandConnection,
  keepConnected,
  waitingConnection,
  whenReady,
} from "./redis/redis-connection.ts";
import { RedisPulse } from "./redis/redis-pulse.ts";
import { createAdminServer, createServer } from "./server.ts";
import { Gate } from "./session/lanes.ts";
import { RedisHistory } from "./session/redis-history.ts";
import { statusOf } from "./status.ts";

const TURNS_MAX = 256;
const SENDS_MAX = 64;
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

  const commands = commandConnection(redisSettings, `chela:${gateway}:commands`);
  const reading = waitingConnection(redisSettings, `chela:${gateway}:reading`);
  const leasing = commandConnection(redisSettings, `chela:${gateway}:leases`);
  const hearing = waitingConnection(redisSettings, `chela:${gateway}:wake`);
  const following = waitingConnection(redisSettings, `chela:${gateway}:live`);
  const connections = [commands, reading, leasing, hearing, following];

  const pulse = new RedisPulse(commands, clock);
  const channels = channelsOf(settings.channels);
  const assistant = assistantOf(settings.assistant, clock);
  const assistantHealth = new AssistantHealth(assistant, clock);
  const inbox = new RedisInbox(
    commands,
    { prefix, fleet, gateway, incarnation },
    {
      backlogMax: settings.webhook.backlogMax,
      sessionTtlSeconds: settings.session.ttlSeconds,
      historyMax: settings.session.messagesMax,
    },
  );
  const reader = new RedisInboxReader(commands, reading, clock);
  const history = new RedisHistory(commands, prefix, fleet);
  const live = new RedisLive({
    subscriber: following,
    commands,
    prefix,
    fleet,
    shards: () => shards(),
  });
  const metrics = createMetrics({
    held: () => lease.held(),
    lost: () => lease.lost(),
    sessions: () => sampler.sessions(),
    backlog: () => sampler.backlog(),
  });

  const processor = new Processor({
    gate: new Gate(TURNS_MAX),
    run: {
      clock,
      assistant,
      inbox,
      follow: (shard, deliver) => reader.follow(inbox.keys(shard).inbox, deliver),
      history: (shard, session, max) => history.last(shard, session, max),
      publish: (shard, word) => {
        live.publish(shard, word).catch(() => {
          // Only a hint: who follows reads the history anyway.
        });
      },
      outgoing: (entry, text) =>
        channels.get(entry.channel)?.outbound?.messages(entry.reply, text) ?? [],
      assistantUp: (up) => assistantHealth.report(up),
      onTurn: (outcome, ms) => metrics.turn(outcome, ms / 1_000),
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
      outbox: new RedisOutbox(commands, prefix, fleet),
      onSend(channel, outcome, reason) {
        metrics.send(channel, outcome);
        if (outcome === "sent") return;
        told(`send:${channel}:${outcome}`, (heldBack) =>
          log.warn({ channel, outcome, reason, heldBack }, "a reply was not sent"),
        );
      },
    },
  });
  const lease = createRedisLeaseLoop({
    redis: leasing,
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
    dedupeTtlMs: (channel) => dedupeTtlMs(config, channels.get(channel)?.dedupeTtlSeconds ?? 0),
  });
  const latencies = new LatencyWindow();
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
        metrics.accepted(ms / 1_000);
        latencies.add(ms, now());
      } else {
        told(`webhook:${channel}:${code}`, (heldBack) =>
          log.info({ channel, outcome, code, heldBack }, "webhook refused"),
        );
      }
    },
  };

  const startedMs = now();
  let leaving = false;
  let requestsOpen = 0;
  const status = () =>
    statusOf({
      gateway,
      fleet,
      version: config.version,
      lease,
      redisTrouble: pulse.trouble(),
      fullShards: sampler.full(settings.webhook.backlogMax),
      leaving,
      assistantUp: assistantHealth.up(),
      inFlight: processor.inFlight(),
      backlog: sampler.backlog(),
      acceptP99Ms: latencies.p99Ms(now()),
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
    onError: (error: unknown, path: string) => log.error({ err: error, path }, "request failed"),
  };
  const server = createServer(serverDeps);
  const admin = createAdminServer({
    ...serverDeps,
    adminToken: config.adminToken,
    setDraining: (draining) => lease.setDraining(draining),
  });

  return {
    async start() {
      await listen(server, config.port);
      await listen(admin, config.adminPort);
      for (const connection of connections) {
        keepConnected(connection, (reason) =>
          told(`redis:${reason}`, () => log.warn({ reason }, "Redis cannot be reached")),
        );
      }
      pulse.start();
      assistantHealth.start();
      reader.start();
      lease.start();
      sampler.start();
    },

    async stop() {
      leaving = true;
      await depart({ lease, listeners: [server, admin], requestsOpen: () => requestsOpen, clock });
      assistantHealth.stop();
      pulse.stop();
      reader.stop();
      await sampler.stop();
      for (const connection of connections) connection.disconnect();
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
