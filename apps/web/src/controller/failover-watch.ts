import type { HostEvent } from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";
import {
  type Evidence,
  evidenceLeft,
  type HoldingsSeen,
  type Look,
  type ObservedFailover,
  observeHoldings,
} from "@chela/shared/failover/observed";
import { failoverRecord } from "@chela/shared/failover/record";
import type { Observation } from "@chela/shared/fleet/observation";
import { MEMBER_TTL_MS } from "@chela/shared/lease/schema";
import type { Logger } from "pino";
import type { HoldingsStore } from "../store/holdings.ts";
import type { OperationStore } from "../store/operations.ts";
import type { Acting } from "./acting.ts";
import { isOver, newOperationId, type Operation } from "./operation.ts";
import { ordersOf } from "./orders-under-way.ts";
import { StaleController } from "./stale-controller.ts";

/** What an operation did counts as its doing for so long after it. */
const AFTERMATH_MS = 5_000;
const PROBE_WITHIN_MS = 10_000;
const PROBE_AGAIN_MS = 500;

export interface FailoverWatchDeps {
  clock: Clock;
  log: Logger;
  fleet: string;
  operations: Pick<OperationStore, "create" | "list">;
  holdings: Pick<HoldingsStore, "read" | "write">;
  acting: Pick<Acting, "current" | "epoch" | "doubt">;
  open(): Operation | null;
  /** Requests through every edge. */
  probe(): Promise<{ ok: boolean; detail: string }>;
  onRecord(operation: Operation): void;
}

const KINDS: Partial<Record<HostEvent["kind"], Evidence["kind"]>> = {
  "container-died": "died",
  "leases-released": "released",
  "gateway-silent": "silent",
};

/** Writes down failovers that nobody ordered, once each, beside whatever operation runs. */
export class FailoverWatch {
  readonly #deps: FailoverWatchDeps;
  #seen: HoldingsSeen | null = null;
  #written = "";
  #evidence: Evidence[] = [];
  /** Operations that were over a moment ago. */
  #recent: Operation[] = [];
  /** Until every shard has somebody for the first time since this console acts. */
  #away = true;
  #epoch: number | null = null;
  /** One look after the other. */
  #turn: Promise<void> = Promise.resolve();
  /** Found, and not written down yet: a probe takes its time, looks go on meanwhile. */
  readonly #records = new Set<Promise<void>>();

  constructor(deps: FailoverWatchDeps) {
    this.#deps = deps;
  }

  /** What an agent tells. */
  hear(event: HostEvent): void {
    const kind = KINDS[event.kind];
    if (kind === undefined || event.gateway === null) return;
    const atMs = this.#deps.clock.wallMs();
    this.#evidence.push({ gateway: event.gateway, kind, atMs, detail: event.detail });
  }

  /** An operation has changed. */
  ordered(operation: Operation): void {
    if (isOver(operation.machine) && operation.automatic === undefined) {
      this.#recent.push(operation);
    }
  }

  /** A look at the fleet. */
  look(seen: Observation): void {
    this.#turn = this.#turn
      .then(() => this.#look(seen))
      .catch((error) => this.#deps.log.error({ err: error }, "watching for failovers failed"));
  }

  /** Until what was looked at is written down. */
  async settled(): Promise<void> {
    await this.#turn;
    await Promise.all(this.#records);
  }

  async #look(seen: Observation): Promise<void> {
    const { acting, holdings, fleet } = this.#deps;
    const epoch = acting.current;
    if (epoch === null) {
      this.#epoch = null;
      return;
    }
    if (!seen.redis.view.reachable || seen.redis.nowMs === null) return;
    if (epoch !== this.#epoch) {
      this.#seen = (await holdings.read(fleet)) ?? { atMs: seen.nowMs, held: {} };
      this.#written = JSON.stringify(this.#seen.held);
      this.#away = true;
      this.#epoch = epoch;
    }
    const before = this.#seen!;
    const found = observeHoldings(before, await this.#lookOf(seen, before));
    this.#seen = found.seen;
    if (found.settled) this.#away = false;
    this.#evidence = evidenceLeft(this.#evidence, found.seen, seen.nowMs);
    for (const failover of found.failovers) {
      this.#evidence = this.#evidence.filter(({ gateway }) => gateway !== failover.from);
      const record = this.#record(failover)
        .catch((error) => this.#deps.log.error({ err: error }, "a failover was not written down"))
        .finally(() => this.#records.delete(record));
      this.#records.add(record);
    }
    // What is found and not written down yet is found again by the next start.
    if (this.#records.size === 0) await this.#keep(found.seen);
  }

  async #lookOf(seen: Observation, before: HoldingsSeen): Promise<Look> {
    const { redis, nowMs } = seen;
    this.#recent = this.#recent.filter(({ endedAtMs }) => nowMs - (endedAtMs ?? 0) <= AFTERMATH_MS);
    const open = this.#deps.open();
    const last = this.#away ? await this.#lastEnded() : null;
    const orders = ordersOf(
      [...(open === null ? [] : [open]), ...this.#recent],
      nowMs - AFTERMATH_MS,
    );
    // What nobody saw before an operation ended was that operation's doing.
    const unseen = last !== null && (last.endedAtMs ?? 0) >= before.atMs;
    return {
      nowMs,
      leases: redis.shards.map(({ lease }) => lease),
      live: redis.members.flatMap((member) => {
        const quietMs = redis.nowMs! - member.at;
        return quietMs > MEMBER_TTL_MS ? [] : [{ ...member, quietMs }];
      }),
      evidence: this.#evidence,
      orders:
        this.#away && (open !== null || unseen)
          ? { ...orders, leaving: "everybody", any: true }
          : orders,
      away: this.#away,
    };
  }

  async #lastEnded(): Promise<Operation | null> {
    const { items } = await this.#deps.operations.list({ fleet: this.#deps.fleet, limit: 5 });
    return items.find(({ endedAtMs, automatic }) => endedAtMs !== null && !automatic) ?? null;
  }

  async #record(failover: ObservedFailover): Promise<void> {
    const { clock, operations, acting, log, fleet, onRecord } = this.#deps;
    const probe = await this.#probe();
    const nowMs = clock.wallMs();
    const machine = failoverRecord(failover, probe, nowMs);
    const operation: Operation = {
      id: newOperationId(nowMs),
      fleet,
      kind: "failover",
      title: `${failover.from} failed over to ${failover.to.join(" and ")}`,
      machine,
      failover: { from: [failover.from], to: failover.to[0]! },
      automatic: { cause: failover.cause },
      version: 1,
      requestedBy: "automatic",
      reason: null,
      idempotencyKey: failover.key,
      startedAtMs: machine.startedAtMs,
      endedAtMs: nowMs,
    };
    try {
      const stored = await operations.create(operation, acting.epoch);
      if (stored.id !== operation.id) return;
      log.warn({ operation: operation.id, failover }, machine.outcome ?? operation.title);
      onRecord(stored);
    } catch (error) {
      // The console that acts now sees the same and writes it down.
      if (!(error instanceof StaleController)) throw error;
      acting.doubt();
    }
  }

  /** An edge may need a moment; after the time it is what it is. */
  async #probe(): Promise<{ ok: boolean; detail: string }> {
    const { clock, probe } = this.#deps;
    const endMs = clock.monotonicMs() + PROBE_WITHIN_MS;
    for (;;) {
      const answer = await probe().catch((error) => ({
        ok: false,
        detail: error instanceof Error ? error.message : String(error),
      }));
      if (answer.ok || clock.monotonicMs() >= endMs) return answer;
      await clock.sleep(PROBE_AGAIN_MS);
    }
  }

  /** Written when somebody else holds a shard, not at every look. */
  async #keep(seen: HoldingsSeen): Promise<void> {
    const text = JSON.stringify(seen.held);
    if (text === this.#written) return;
    await this.#deps.holdings.write(this.#deps.fleet, seen, this.#deps.acting.epoch);
    this.#written = text;
  }
}
