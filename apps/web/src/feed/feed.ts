import type { Clock } from "@chela/shared/clock/clock";
import type {
  FeedMessage,
  FigurePoint,
  FleetEvent,
  FleetView,
  OperationView,
} from "@chela/shared/fleet/view";

const FLUSH_EVERY_MS = 150;
/** Unchanged, a fleet is told again after this, so that its age stays true. */
const REPEAT_EVERY_MS = 1_000;
const KEPT_MESSAGES = 512;

/** Differ at every look and change nothing that is decided by: they go along, once a second. */
const RESTLESS = new Set([
  ...["asOf", "observedAt", "lastSeenAt", "latencyMs", "opsPerSecond", "usedMemoryBytes"],
  ...["connectedClients", "cpuPercent", "memoryBytes", "memoryUsedBytes"],
]);

export interface Snapshot {
  fleet: FleetView;
  operations: OperationView[];
  events: FleetEvent[];
  figures: FigurePoint[];
}

/**
 * What pages are told, once for all of them: changes are gathered for a moment, numbered, and kept for those that
 * reconnect. A subscriber is a position in that list, not a queue: one that is too slow gets a snapshot.
 */
export class Feed {
  readonly #boot: string;
  readonly #clock: Clock;
  readonly #snapshot: () => Promise<Snapshot | null>;
  #sequence = 0;
  readonly #kept: { sequence: number; message: FeedMessage }[] = [];
  #fleet: FleetView | null = null;
  #fleetText = "";
  #fleetToldAtMs = Number.NEGATIVE_INFINITY;
  readonly #operations = new Map<string, OperationView>();
  readonly #others: FeedMessage[] = [];
  #waiting = new Set<() => void>();
  #subscribers = 0;

  /** @param boot tells this start from every other one. */
  constructor(boot: string, clock: Clock, snapshot: () => Promise<Snapshot | null>) {
    this.#boot = boot;
    this.#clock = clock;
    this.#snapshot = snapshot;
  }

  get watched(): boolean {
    return this.#subscribers > 0;
  }

  fleet(view: FleetView): void {
    this.#fleet = view;
  }

  operation(operation: OperationView): void {
    this.#operations.set(operation.id, operation);
  }

  event(event: FleetEvent): void {
    this.#others.push({ type: "event", event });
  }

  figure(point: FigurePoint): void {
    this.#others.push({ type: "figure", point });
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.flush();
      await this.#clock.sleep(FLUSH_EVERY_MS, signal);
    }
    this.#wakeAll();
  }

  /** Tells what has gathered. */
  flush(): void {
    const before = this.#sequence;
    if (this.#fleet !== null) this.#tellFleet(this.#fleet);
    for (const operation of this.#operations.values()) this.#keep({ type: "operation", operation });
    this.#operations.clear();
    for (const message of this.#others.splice(0)) this.#keep(message);
    if (this.#sequence !== before) this.#wakeAll();
  }

  async *subscribe(
    lastEventId: string | null,
    signal: AbortSignal,
  ): AsyncGenerator<{ id: string; message: FeedMessage }> {
    this.#subscribers++;
    try {
      let at = this.#positionOf(lastEventId);
      while (!signal.aborted) {
        if (at === null || at < this.#oldest()) {
          const sequence = this.#sequence;
          const snapshot = await this.#snapshot();
          if (snapshot !== null) {
            at = sequence;
            yield {
              id: this.#id(sequence),
              message: { type: "snapshot", boot: this.#boot, ...snapshot },
            };
            continue;
          }
        } else {
          const next = this.#kept.filter(({ sequence }) => sequence > at!);
          for (const { sequence, message } of next) {
            at = sequence;
            yield { id: this.#id(sequence), message };
          }
          if (next.length > 0) continue;
        }
        await this.#more(signal);
      }
    } finally {
      this.#subscribers--;
    }
  }

  #tellFleet(fleet: FleetView): void {
    const nowMs = this.#clock.monotonicMs();
    const text = JSON.stringify(fleet, (key, value) => (RESTLESS.has(key) ? undefined : value));
    if (text === this.#fleetText && nowMs - this.#fleetToldAtMs < REPEAT_EVERY_MS) return;
    this.#fleetText = text;
    this.#fleetToldAtMs = nowMs;
    this.#fleet = null;
    this.#keep({ type: "fleet", fleet });
  }

  #keep(message: FeedMessage): void {
    this.#sequence++;
    this.#kept.push({ sequence: this.#sequence, message });
    if (this.#kept.length > KEPT_MESSAGES) this.#kept.shift();
  }

  /** The lowest position from which nothing is missing. */
  #oldest(): number {
    return (this.#kept[0]?.sequence ?? this.#sequence + 1) - 1;
  }

  #positionOf(id: string | null): number | null {
    const [boot, sequence] = (id ?? "").split("-");
    const position = Number(sequence);
    if (boot !== this.#boot || !Number.isInteger(position) || position > this.#sequence)
      return null;
    return position;
  }

  #id(sequence: number): string {
    return `${this.#boot}-${sequence}`;
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
      if (signal.aborted) done();
    });
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
