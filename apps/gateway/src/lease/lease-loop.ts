import type { Clock } from "@chela/shared/clock/clock";
import type { Control } from "@chela/shared/fleet/control";
import { decide, hasBetter, heldBack } from "@chela/shared/lease/rules";
import { DEFAULT_LEASE_TIMES, type LeaseTimes, MEMBER_TTL_MS } from "@chela/shared/lease/schema";
import { DEFAULT_RULE_TIMES, type RuleTimes, type Snapshot } from "@chela/shared/lease/snapshot";
import type { LeaseStatus, ShardWork } from "../shard/shard-work.ts";
import { readControl } from "./control-fault.ts";
import { Deeds, type LeaseLog } from "./deeds.ts";
import { Holdings, type LostReason } from "./holdings.ts";
import { Presence } from "./presence.ts";
import { Sightings } from "./sightings.ts";
import type { LeaseStore } from "./store.ts";
import { type Irregularity, watchPulse } from "./tilt.ts";

export interface LeaseLoopDeps {
  store: LeaseStore;
  name: string;
  incarnation: string;
  version: string;
  weight: number;
  work: ShardWork;
  assistantUp: () => boolean;
  clock: Clock;
  times?: Partial<LeaseTimes & RuleTimes>;
  log: LeaseLog;
}

export interface LeaseLoop extends LeaseStatus {
  start(): void;
  /** Lets go of everything, finishing turns for at most `graceMs`, leaves the fleet, ends. */
  stop(graceMs?: number): Promise<void>;
  /** Look again now. A hint: what is done is decided by what is seen. */
  wake(): void;
  /** A connection to Redis was renewed: what was read before may be gone. All shards anew, with new epochs. */
  takeOverAgain(why: string): void;
  /** K, once the control record was read; null before. */
  shards(): number | null;
  /** Redis' time, ms since the epoch; this machine's own until Redis first answered. */
  redisTimeMs(): number;
  /** Somebody alive is better placed (asked while draining: there is somebody to hand over to). */
  hasBetter(): boolean;
  /** Leases that ended without having been given back, by reason, since the start. */
  lost(): Readonly<Record<LostReason, number>>;
}

const STOP_GRACE_MS = 5_000;

/** Observe → decide → act, for ever. Events only wake it. Nothing here is called concurrently with itself. */
class Loop implements LeaseLoop {
  readonly incarnation: string;
  readonly #deps: LeaseLoopDeps;
  readonly #times: LeaseTimes & RuleTimes;
  readonly #presence: Presence;
  readonly #sightings: Sightings;
  readonly #holdings: Holdings;
  readonly #deeds: Deeds;
  readonly #ending = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #control: Control | null = null;
  #fault: string | null = "starting: The gateway has not seen the fleet yet. Wait a moment.";
  #unreachable: string | null = null;
  #heldBack = 0;
  #woken = false;
  #rest = new AbortController();

  constructor(deps: LeaseLoopDeps) {
    this.#deps = deps;
    this.incarnation = deps.incarnation;
    this.#times = { ...DEFAULT_LEASE_TIMES, ...DEFAULT_RULE_TIMES, ...deps.times };
    const inFlight = () => deps.work.inFlight();
    this.#presence = new Presence({ ...deps, inFlight }, this.#times.renewEveryMs);
    this.#sightings = new Sightings(deps.name, deps.incarnation, MEMBER_TTL_MS);
    this.#holdings = new Holdings(deps.work, deps.clock, this.#times);
    const parts = { holdings: this.#holdings, sightings: this.#sightings };
    this.#deeds = new Deeds({ ...deps, ...parts, lookAgain: () => this.wake() });
  }

  start(): void {
    const pulse = () => {
      if (this.#holdings.expire() > 0) this.#warn("leases ended: Redis did not answer in time");
    };
    const watch = watchPulse(this.#deps.clock, pulse, (i) => this.#tilt(i), this.#ending.signal);
    this.#running = Promise.all([watch, this.#run()]);
  }

  async stop(graceMs = STOP_GRACE_MS): Promise<void> {
    const { clock, store } = this.#deps;
    this.#presence.stopByMs = clock.monotonicMs() + graceMs;
    this.wake();
    // Two more observations beyond the grace, for the releases themselves.
    await this.handedOver(this.#presence.stopByMs + 2 * this.#times.observeEveryMs);
    this.#ending.abort();
    this.wake();
    await this.#running;
    this.#holdings.loseAll("expired");
    await store.leave().catch(() => {
      // Redis is away: the record stands still and is forgotten by the others.
    });
  }

  wake(): void {
    this.#woken = true;
    this.#rest.abort();
  }

  takeOverAgain(why: string): void {
    if (this.#holdings.loseAll("reconnected") > 0) this.#warn("taking over again", { why });
    this.wake();
  }

  role(): "active" | "standby" | "draining" | "tilt" {
    if (this.#presence.tilted()) return "tilt";
    if (this.draining()) return "draining";
    return this.#holdings.size > 0 ? "active" : "standby";
  }

  held = () => this.#holdings.list();
  lost = () => this.#holdings.lost();
  shards = () => this.#control?.shards ?? null;
  redisTimeMs = () => this.#presence.redisNowMs() ?? this.#deps.clock.wallMs();
  faults = () => [this.#fault, this.#unreachable].filter((fault) => fault !== null);
  warnings = () =>
    this.#heldBack === 0 || this.#holdings.size === 0
      ? []
      : [
          `flapping: ${this.#heldBack} shards have moved ${this.#times.flapMovesMax} times within ${Math.round(this.#times.flapWindowMs / 60_000)} minutes though their holders lived; they stay here until that is acknowledged. Find out why assistants come and go.`,
        ];
  draining = () => this.#presence.draining || this.#presence.stopByMs !== null;

  hasBetter(): boolean {
    const self = this.#presence.self();
    const others = this.#sightings.living(this.#deps.clock.monotonicMs());
    return self !== null && hasBetter(self, others);
  }

  setDraining(draining: boolean): void {
    this.#presence.draining = draining;
    this.wake();
  }

  async handedOver(deadlineMs: number): Promise<boolean> {
    const { clock } = this.#deps;
    const cut = new AbortController();
    clock.sleep(deadlineMs - clock.monotonicMs(), cut.signal).then(() => cut.abort());
    await this.#holdings.whenEmpty(cut.signal);
    cut.abort();
    return this.#holdings.size === 0;
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      this.#woken = false;
      this.#rest = new AbortController();
      try {
        await this.#turn();
        this.#unreachable = null;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (this.#unreachable === null) this.#warn("Redis does not answer", { reason });
        this.#unreachable = `redis-unreachable: Redis does not answer (${reason}). Nothing is processed until it does; check that it runs and can be reached from here.`;
      }
      if (!this.#woken) {
        await this.#deps.clock.sleep(this.#times.observeEveryMs, this.#rest.signal);
      }
    }
  }

  async #turn(): Promise<void> {
    const { store, clock } = this.#deps;
    if (this.#control === null || this.#fault !== null) {
      if (!this.#readControl(await store.readControl())) return;
    }
    this.#holdings.expire();
    // One must not keep the other from being tried: a lost renewal costs the shards.
    const beat = await this.#attempt(() => this.#beat());
    if (!this.#presence.tilted()) await this.#deeds.renew(this.#times.renewEveryMs);
    if (beat !== null) throw beat;

    const observation = await store.observe(this.#control!.shards);
    this.#sightings.take(observation, clock.monotonicMs(), this.#presence.redisNowMs());
    // A record that has vanished (Redis was wiped) leaves the last one in force: gateways go on without a console.
    if (observation.control !== null && !this.#readControl(observation.control)) return;

    const nowMs = clock.monotonicMs();
    const self = this.#presence.self();
    if (self === null) return;
    const snapshot: Snapshot = {
      self,
      control: this.#control!,
      others: this.#sightings.living(nowMs),
      shards: this.#sightings.shards(),
      held: this.#holdings.asHeld(),
    };
    this.#heldBack = heldBack(snapshot, this.#times).length;
    await this.#deeds.carryOut(decide(snapshot, this.#times, nowMs));
  }

  #readControl(fields: Record<string, string> | null): boolean {
    const read =
      fields === null
        ? {
            fault:
              "control-missing: The fleet has no control record yet. The console writes it when it starts: start the console.",
          }
        : readControl(fields, this.shards());
    const fault = "fault" in read ? read.fault : null;
    if (fault !== null && fault !== this.#fault) this.#warn("may not take part", { fault });
    this.#fault = fault;
    if ("control" in read) this.#control = read.control;
    else this.#holdings.loseAll("fault");
    return fault === null;
  }

  async #beat(): Promise<void> {
    if (!this.#presence.due()) return;
    const dead = this.#sightings.forgotten(this.#deps.clock.monotonicMs());
    if (!(await this.#presence.beat(dead))) return;
    this.#sightings.anew();
    this.takeOverAgain("another Redis process answers");
  }

  #tilt({ stalledMs, jumpedMs }: Irregularity): void {
    this.#presence.tilt();
    if (jumpedMs > 0) this.#holdings.age(jumpedMs);
    this.#warn("this process did not run as it thought", { stalledMs, jumpedMs });
    this.wake();
  }

  async #attempt(call: () => Promise<void>): Promise<unknown> {
    try {
      await call();
      return null;
    } catch (error) {
      return error;
    }
  }

  #warn(message: string, fields: object = {}): void {
    this.#deps.log.warn({ held: this.#holdings.size, ...fields }, message);
  }
}

export const createLeaseLoop = (deps: LeaseLoopDeps): LeaseLoop => new Loop(deps);
