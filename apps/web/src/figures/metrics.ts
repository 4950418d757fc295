import type { FleetView, OperationView } from "@chela/shared/fleet/view";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const PREFIX = "chela_console_";
/** From a switchover of an idle fleet to a rollout with long soaks. */
const OPERATION_BUCKETS_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];
/** The feed gathers for 150 ms. */
const TOLD_BUCKETS_S = [0.01, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10];
/** Remembered so that none is counted twice. */
const ENDED_KEPT = 500;

/** How much is kept. */
export interface RecordSizes {
  bytes(): Promise<number>;
  audit(): Promise<number>;
  figures(): Promise<number>;
}

/** One fleet as it stands when somebody asks for the figures. */
export interface FleetStanding {
  fleet: string;
  /** Null before the first look. */
  view: FleetView | null;
  agents: number;
  viewers: number;
  /** Of the operation that is not over; null: there is none. */
  openSinceMs: number | null;
}

export interface Standing {
  nowMs(): number;
  fleets(): FleetStanding[];
  /** Of the controller; null: this console stands by. */
  epoch(): number | null;
  records: RecordSizes;
  /** Null before the first check. */
  auditIntact(): boolean | null;
}

/** Prometheus figures of the console itself, documented in docs/OPERATIONS.md. */
export class ConsoleMetrics {
  readonly registry = new Registry();
  readonly #own = { registers: [this.registry] };
  readonly #operations = new Counter({
    name: `${PREFIX}operations_total`,
    help: "Operations that ended, by kind, outcome and whether the console began them itself",
    labelNames: ["fleet", "kind", "outcome", "automatic"],
    ...this.#own,
  });
  readonly #seconds = new Histogram({
    name: `${PREFIX}operation_seconds`,
    help: "From an operation's beginning to its end",
    labelNames: ["fleet", "kind"],
    buckets: OPERATION_BUCKETS_S,
    ...this.#own,
  });
  readonly #told = new Histogram({
    name: `${PREFIX}feed_delay_seconds`,
    help: "From a change to the moment at which it is sent to a page",
    labelNames: ["fleet"],
    buckets: TOLD_BUCKETS_S,
    ...this.#own,
  });
  readonly #logins = new Counter({
    name: `${PREFIX}logins_total`,
    help: "Logins with a password or code, by outcome",
    labelNames: ["outcome"],
    ...this.#own,
  });
  readonly #faults = new Counter({
    name: `${PREFIX}request_faults_total`,
    help: "Requests that failed for no fault of the caller; the log says why",
    ...this.#own,
  });
  readonly #ended = new Set<string>();

  constructor(standing: Standing) {
    collectDefaultMetrics({ register: this.registry, prefix: PREFIX });
    for (const outcome of ["done", "refused"]) this.#logins.inc({ outcome }, 0);
    this.#consoleGauges(standing);
    this.#fleetGauges(standing);
  }

  /** Counts it once it is over; may be told again. */
  operation(operation: OperationView): void {
    const { id, fleet, kind, state: outcome, automatic, startedAt, endedAt } = operation;
    if (endedAt === null || this.#ended.has(id)) return;
    this.#ended.add(id);
    if (this.#ended.size > ENDED_KEPT) this.#ended.delete(this.#ended.values().next().value!);
    this.#operations.inc({ fleet, kind, outcome, automatic: String(automatic !== null) });
    this.#seconds.observe({ fleet, kind }, (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000);
  }

  told(fleet: string, ms: number): void {
    this.#told.observe({ fleet }, ms / 1_000);
  }

  login(outcome: "done" | "refused"): void {
    this.#logins.inc({ outcome });
  }

  fault(): void {
    this.#faults.inc();
  }

  #consoleGauges({ epoch, records, auditIntact }: Standing): void {
    const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
      new Gauge({
        name: `${PREFIX}${name}`,
        help,
        ...this.#own,
        async collect() {
          this.set(await read());
        },
      });
    gauge(
      "controller_acting",
      "1 while this console acts as controller, 0 while it stands by",
      () => Number(epoch() !== null),
    );
    gauge("controller_epoch", "Its epoch as controller; 0 while it stands by", () => epoch() ?? 0);
    gauge("store_bytes", "Size of the store's file and its log", () => records.bytes());
    gauge("audit_records", "Records in the audit chain", () => records.audit());
    gauge("figure_rows", "Rows of figures in the store", () => records.figures());
    // -1 before the first check: not known is neither.
    gauge("audit_intact", "1 while the audit chain is unbroken, 0 when it is not", () =>
      Number(auditIntact() ?? -1),
    );
  }

  #fleetGauges({ fleets, nowMs }: Standing): void {
    /** @param read null: not known, and then not said. */
    const gauge = (name: string, help: string, read: (standing: FleetStanding) => number | null) =>
      new Gauge({
        name: `${PREFIX}${name}`,
        help,
        labelNames: ["fleet"],
        ...this.#own,
        collect() {
          this.reset();
          for (const standing of fleets()) {
            const value = read(standing);
            if (value !== null) this.set({ fleet: standing.fleet }, value);
          }
        },
      });
    const seen = (read: (view: FleetView) => number) => (standing: FleetStanding) =>
      standing.view === null ? null : read(standing.view);
    gauge("agents_connected", "Agents linked to this console", ({ agents }) => agents);
    gauge("feed_viewers", "Pages that listen to the feed", ({ viewers }) => viewers);
    gauge(
      "operation_open_seconds",
      "Age of the operation that is not over; 0: there is none",
      ({ openSinceMs }) => (openSinceMs === null ? 0 : (nowMs() - openSinceMs) / 1_000),
    );
    gauge(
      "look_age_seconds",
      "Age of the newest look at the fleet",
      seen(({ asOf }) => (nowMs() - Date.parse(asOf)) / 1_000),
    );
    gauge(
      "redis_reachable",
      "1 while Redis answers",
      seen(({ redis }) => Number(redis.reachable)),
    );
    gauge(
      "shards",
      "Shards of the fleet",
      seen(({ shards }) => shards.total),
    );
    gauge(
      "shards_held",
      "Shards with a live holder",
      seen(({ shards }) => shards.held),
    );
    gauge(
      "failover_paused",
      "1 while automatic failover is paused",
      seen(({ failoverPaused }) => Number(failoverPaused !== null)),
    );
    gauge(
      "failover_flapping",
      "1 while moves away from a live holder are held back until acknowledged",
      seen(({ flapping }) => Number(flapping !== null)),
    );
    gauge(
      "drift",
      "Differences between what the fleet shall be and what is observed",
      seen(({ drift }) => drift.length),
    );
    this.#gateways(fleets);
  }

  #gateways(fleets: Standing["fleets"]): void {
    new Gauge({
      name: `${PREFIX}gateways`,
      help: "Gateways by role and health, as observed",
      labelNames: ["fleet", "role", "health"],
      ...this.#own,
      collect() {
        this.reset();
        for (const { fleet, view } of fleets()) {
          for (const { role, health } of view?.gateways ?? []) this.inc({ fleet, role, health });
        }
      },
    });
  }
}
