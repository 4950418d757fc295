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

interface Gathered {
  message: FeedMessage;
  /** Monotonic; null: its delay is not measured, or was. */
  cameAtMs: number | null;
}
interface Kept extends Gathered {
  sequence: number;
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
  readonly #told: (ms: number) => void;
  readonly #kept: Kept[] = [];
  #fleet: FleetView | null = null;
  #fleetText = "";
  #fleetToldAtMs = Number.NEGATIVE_INFINITY;
  readonly #operations = new Map<string, Gathered>();
  readonly #others: Gathered[] = [];
  #waiting = new Set<() => void>();
  #subscribers = 0;

  /**
   * @param boot tells this start from every other one.
   * @param told how long after it came each change was first sent.
   */
  constructor(
    boot: string,
    clock: Clock,
    snapshot: () => Promise<Snapshot | null>,
    told: (ms: number) => void = () => {},
  ) {
    this.#boot = boot;
    this.#clock = clock;
    this.#snapshot = snapshot;
    this.#told = told;
  }

  get watched(): boolean {
    return this.#subscribers > 0;
  }

  get viewers(): number {
    return this.#subscribers;
  }

  fleet(view: FleetView): void {
    this.#fleet = view;
  }

  operation(operation: OperationView): void {
    this.#operations.set(operation.id, this.#gathered({ type: "operation", operation }));
  }

  event(event: FleetEvent): void {
    this.#others.push(this.#gathered({ type: "event", event }));
  }

  figure(point: FigurePoint): void {
    this.#others.push(this.#gathered({ type: "figure", point }));
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
    for (const gathered of this.#operations.values()) this.#keep(gathered);
    this.#operations.clear();
    for (const gathered of this.#others.splice(0)) this.#keep(gathered);
    if (this.#sequence !== before) this.#wakeAll();
  }

  async *subscribe(
    lastEventId: string | null,
    signal: AbortSignal,
  ): AsyncGenerator<{ id: string; message: FeedMessage }> {
    this.#subscribers++;
    const cameAt = this.#sequence;
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
          for (const kept of next) {
            at = kept.sequence;
            // What came while nobody listened was late for nobody.
            if (kept.sequence > cameAt) this.#tell(kept);
            yield { id: this.#id(kept.sequence), message: kept.message };
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
    this.#keep({ message: { type: "fleet", fleet }, cameAtMs: null });
  }

  #gathered(message: FeedMessage): Gathered {
    return { message, cameAtMs: this.#clock.monotonicMs() };
  }

  /** The first one that is told counts. */
  #tell(kept: Kept): void {
    if (kept.cameAtMs === null) return;
    this.#told(this.#clock.monotonicMs() - kept.cameAtMs);
    kept.cameAtMs = null;
  }

  #keep(gathered: Gathered): void {
    this.#sequence++;
    this.#kept.push({ sequence: this.#sequence, ...gathered });
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
