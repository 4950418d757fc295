import { randomBytes } from "node:crypto";
import type { HostEvent } from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";
import { type Change, changes } from "@chela/shared/fleet/changes";
import type { FleetEvent, FleetView, OperationView } from "@chela/shared/fleet/view";
import type { Logger } from "pino";
import type { EventStore } from "../store/events.ts";
import type { Feed } from "./feed.ts";

export interface EventLogDeps {
  clock: Clock;
  log: Logger;
  fleet: string;
  store: EventStore;
  feed: Feed;
}

/** What happens in the fleet, told to pages and kept. */
export class EventLog {
  readonly #deps: EventLogDeps;
  #before: FleetView | null = null;
  readonly #operations = new Map<string, string>();

  constructor(deps: EventLogDeps) {
    this.#deps = deps;
  }

  /** Forgets what is older than the store keeps, from time to time. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, store, log } = this.#deps;
    while (!signal.aborted) {
      await store
        .forgetOld(clock.wallMs())
        .catch((error) => log.error({ err: error }, "old events were not forgotten"));
      await clock.sleep(FORGET_EVERY_MS, signal);
    }
  }

  look(view: FleetView): void {
    if (this.#before !== null) {
      for (const change of changes(this.#before, view)) this.tell(change);
    }
    this.#before = view;
  }

  host(host: string, event: HostEvent): void {
    this.tell({
      kind: event.kind === "edge-reloaded" ? "edge" : "container",
      severity: SEVERITY[event.kind],
      host,
      ...(event.gateway !== null && { gateway: event.gateway }),
      title: `${event.gateway ?? event.edge ?? host}: ${WORDS[event.kind]}`,
      detail: event.detail === "" ? null : event.detail,
    });
  }

  /** An operation's beginning and end. */
  operation(operation: OperationView): void {
    const before = this.#operations.get(operation.id);
    if (before === operation.state) return;
    this.#operations.set(operation.id, operation.state);
    if (operation.endedAt !== null) this.#operations.delete(operation.id);
    this.tell({
      kind: "operation",
      severity: severityOf(operation),
      operationId: operation.id,
      title:
        before === undefined && operation.endedAt === null
          ? `${operation.title}: started by ${operation.requestedBy}`
          : `${operation.title}: ${operation.state}`,
      detail: operation.outcome,
    });
  }

  tell(change: Change & { operationId?: string }): void {
    const { clock, fleet, feed, store, log } = this.#deps;
    const nowMs = clock.wallMs();
    const event: FleetEvent = {
      id: `ev_${nowMs.toString(36)}${randomBytes(4).toString("hex")}`,
      at: new Date(nowMs).toISOString(),
      fleet,
      ...change,
    };
    feed.event(event);
    store.add(event).catch((error) => log.error({ err: error }, "an event was not kept"));
  }
}

const FORGET_EVERY_MS = 60 * 60_000;

const WORDS: Record<HostEvent["kind"], string> = {
  "container-died": "container died",
  "container-started": "container started",
  "container-created": "container created",
  "container-removed": "container removed",
  "leases-released": "its leases were released",
  "gateway-silent": "does not answer",
  "edge-reloaded": "reloaded",
  "restarted-by-agent": "restarted by its agent",
};
const SEVERITY: Record<HostEvent["kind"], FleetEvent["severity"]> = {
  "container-died": "warning",
  "container-started": "info",
  "container-created": "info",
  "container-removed": "info",
  "leases-released": "info",
  "gateway-silent": "warning",
  "edge-reloaded": "info",
  "restarted-by-agent": "info",
};

function severityOf({ state }: OperationView): FleetEvent["severity"] {
  switch (state) {
    case "running":
    case "paused":
      return "info";
    case "succeeded":
      return "good";
    case "aborted":
    case "rolled-back":
      return "warning";
    case "failed":
      return "bad";
  }
}
