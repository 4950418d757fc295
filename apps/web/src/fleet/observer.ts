import { EventEmitter } from "node:events";
import type { Clock } from "@chela/shared/clock/clock";
import type { HostReading, Observation } from "@chela/shared/fleet/observation";
import type { FleetSpec } from "@chela/shared/fleet/spec";
import type { DedupeTotals, FleetView, ReleaseView } from "@chela/shared/fleet/view";
import { fleetView } from "@chela/shared/fleet/view-of";
import type { Logger } from "pino";
import type { AgentLinks } from "../agents/links.ts";
import type { HostRecord } from "../store/hosts.ts";
import type { ControlKeeper } from "./control-keeper.ts";
import type { RedisFleetReader } from "./redis-fleet-reader.ts";

const WATCHED_EVERY_MS = 250;
const UNWATCHED_EVERY_MS = 1_000;
/** Reports come in bursts; one look a moment later sees them all. */
const SETTLE_MS = 30;

export interface ObserverDeps {
  clock: Clock;
  log: Logger;
  links: AgentLinks;
  reader: RedisFleetReader;
  keeper: ControlKeeper;
  /** Who acts as controller; null: this console. */
  standingBy(): string | null;
  spec(): FleetSpec;
  hosts(): HostRecord[];
  edgeUrl(edge: string): string;
  dedupe(): DedupeTotals;
  rates(): { acceptedPerSecond: number; duplicatesPerSecond: number };
  operation(): { id: string; kind: string; title: string } | null;
  release(): ReleaseView | null;
  edgeHashes(): Record<string, string>;
  /** Somebody looks, or an operation runs. */
  watched(): boolean;
}

/** Looks at one fleet again and again; everything that shows or decides reads its last look. */
export class FleetObserver extends EventEmitter<{ look: [FleetView] }> {
  readonly #deps: ObserverDeps;
  #observation: Observation | null = null;
  #view: FleetView | null = null;
  #wake = new AbortController();
  #woken = false;
  #flappingSinceMs: number | undefined;
  /** Highest epoch ever seen, by shard. */
  readonly #epochs = new Map<number, number>();

  constructor(deps: ObserverDeps) {
    super();
    this.#deps = deps;
    this.setMaxListeners(0);
    deps.links.on("report", () => this.wake());
    deps.links.on("connected", () => this.wake());
    deps.links.on("disconnected", () => this.wake());
  }

  /** The last look; null before the first. */
  get view(): FleetView | null {
    return this.#view;
  }

  get observation(): Observation | null {
    return this.#observation;
  }

  epochSeen(shard: number): number {
    return this.#epochs.get(shard) ?? 0;
  }

  /** Look again soon. */
  wake(): void {
    this.#woken = true;
    this.#wake.abort();
  }

  /** Waits until `test` of a look answers something, at most `withinMs`. Null: it never did, or `signal` was aborted. */
  async until<T>(
    test: (view: FleetView, observation: Observation) => T | null | undefined | false,
    withinMs: number,
    signal: AbortSignal,
  ): Promise<T | null> {
    const end = this.#deps.clock.monotonicMs() + withinMs;
    for (;;) {
      const found = this.#view && this.#observation && test(this.#view, this.#observation);
      if (found !== null && found !== undefined && found !== false) return found;
      const left = end - this.#deps.clock.monotonicMs();
      if (left <= 0 || signal.aborted) return null;
      await this.#nextLook(left, signal);
    }
  }

  async #nextLook(withinMs: number, signal: AbortSignal): Promise<void> {
    const looked = new AbortController();
    const done = () => looked.abort();
    this.once("look", done);
    await this.#deps.clock.sleep(withinMs, AbortSignal.any([looked.signal, signal]));
    this.off("look", done);
  }

  /** Looks until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#woken = false;
      await this.look().catch((error) =>
        this.#deps.log.error({ err: error }, "a look at the fleet failed"),
      );
      this.#wake = new AbortController();
      const pause = this.#deps.watched() ? WATCHED_EVERY_MS : UNWATCHED_EVERY_MS;
      if (!this.#woken) {
        await this.#deps.clock.sleep(pause, AbortSignal.any([signal, this.#wake.signal]));
      }
      if (this.#woken) await this.#deps.clock.sleep(SETTLE_MS, signal);
    }
  }

  /** One look. */
  async look(): Promise<FleetView> {
    const { clock, reader, links, spec } = this.#deps;
    const redis = await reader.read(clock.wallMs());
    await this.#deps.keeper.ensure(redis);
    for (const { shard, lease } of redis.shards) {
      if (lease) this.#epochs.set(shard, Math.max(this.epochSeen(shard), lease.epoch));
    }
    const observation: Observation = {
      nowMs: clock.wallMs(),
      spec: spec(),
      redis,
      hosts: this.#deps.hosts().map((host): HostReading => {
        const link = links.lastKnown(host.name);
        return {
          name: host.name,
          region: host.region,
          cordoned: host.cordoned,
          connected: links.get(host.name) !== undefined,
          report: link?.report ?? null,
          reportAtMs: link?.reportAtMs ?? null,
          redisReachable: link?.redisReachable ?? null,
          redisReason: link?.redisReason ?? null,
        };
      }),
      edgeUrls: Object.fromEntries(
        spec().edges.map(({ name }) => [name, this.#deps.edgeUrl(name)]),
      ),
      dedupe: this.#deps.dedupe(),
      rates: this.#deps.rates(),
      operation: this.#deps.operation(),
      release: this.#deps.release(),
      edgeHashes: this.#deps.edgeHashes(),
      standingBy: this.#deps.standingBy(),
      flappingSinceMs: this.#flappingSinceMs,
    };
    this.#observation = observation;
    this.#view = fleetView(observation);
    const { flapping } = this.#view;
    this.#flappingSinceMs = flapping === null ? undefined : Date.parse(flapping.since);
    await this.#deps.keeper.keepPaused(this.#view, redis);
    this.emit("look", this.#view);
    return this.#view;
  }
}
