import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** `ignored`: genuine, but nothing that is answered (a delivery receipt, somebody who joined, …). */
export type WebhookOutcome = "accepted" | "duplicate" | "ignored" | "rejected" | "unavailable";

/** What `/metrics` answers. Gauges are read when asked for. */
export interface Metrics {
  readonly registry: Registry;
  webhook(channel: string, outcome: WebhookOutcome): void;
  accepted(seconds: number): void;
  turn(outcome: string, seconds: number): void;
  send(channel: string, outcome: string): void;
  deadLetter(kind: "inbox" | "outbox", reason: string): void;
  commitFenced(): void;
}

export interface GaugeSources {
  readonly held: () => { shard: number; epoch: number }[];
  readonly sessions: () => number;
  readonly backlog: () => number;
  readonly sockets: () => number;
  readonly deadLetters: () => number;
  /** Leases that ended without having been given back, by reason, since the start. */
  readonly lost: () => Readonly<Record<string, number>>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const TURN_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export function createMetrics(sources: GaugeSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const webhooks = new Counter({
    name: "chela_gateway_webhooks_total",
    help: "Webhooks answered, by channel and outcome.",
    labelNames: ["channel", "outcome"],
    registers,
  });
  const acceptSeconds = new Histogram({
    name: "chela_gateway_accept_seconds",
    help: "From a webhook's arrival to its 2xx.",
    buckets: SECONDS,
    registers,
  });
  const turns = new Counter({
    name: "chela_gateway_turns_total",
    help: "Attempts to answer an event, by outcome.",
    labelNames: ["outcome"],
    registers,
  });
  const turnSeconds = new Histogram({
    name: "chela_gateway_turn_seconds",
    help: "One attempt to answer an event, commit included.",
    buckets: TURN_SECONDS,
    registers,
  });
  const sends = new Counter({
    name: "chela_gateway_sends_total",
    help: "Replies sent through vendors, by channel and outcome.",
    labelNames: ["channel", "outcome"],
    registers,
  });
  const deadLetters = new Counter({
    name: "chela_gateway_dead_letters_total",
    help: "Events and replies given up here, by kind and reason.",
    labelNames: ["kind", "reason"],
    registers,
  });
  const fenced = new Counter({
    name: "chela_gateway_commits_fenced_total",
    help: "Commits that Redis refused because the lease was no longer this gateway's.",
    registers,
  });
  new Counter({
    name: "chela_gateway_lease_lost_total",
    help: "Leases lost without a hand-over, by reason.",
    labelNames: ["reason"],
    registers,
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(sources.lost())) this.inc({ reason }, count);
    },
  });
  gauge(
    registry,
    "chela_gateway_shards_held",
    "Shards this gateway holds.",
    () => sources.held().length,
  );
  gauge(registry, "chela_gateway_sessions", "Live sessions in the held shards.", sources.sessions);
  gauge(registry, "chela_gateway_sockets", "WebSocket connections open.", sources.sockets);
  gauge(registry, "chela_gateway_backlog", "Events waiting in the held shards.", sources.backlog);
  gauge(
    registry,
    "chela_gateway_dead_letters",
    "Dead letters that stand in the held shards.",
    sources.deadLetters,
  );
  new Gauge({
    name: "chela_gateway_lease_epoch",
    help: "Epoch of each held shard.",
    labelNames: ["shard"],
    registers,
    collect() {
      this.reset();
      for (const { shard, epoch } of sources.held()) this.set({ shard }, epoch);
    },
  });

  return {
    registry,
    webhook: (channel, outcome) => webhooks.inc({ channel, outcome }),
    accepted: (seconds) => acceptSeconds.observe(seconds),
    turn(outcome, seconds) {
      turns.inc({ outcome });
      turnSeconds.observe(seconds);
    },
    send: (channel, outcome) => sends.inc({ channel, outcome }),
    deadLetter: (kind, reason) => deadLetters.inc({ kind, reason }),
    commitFenced: () => fenced.inc(),
  };
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
