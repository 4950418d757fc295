import type { Random } from "./random.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { TimedEvent, Timeline } from "./timeline.ts";

const COMMAND_TIMEOUT_MS = 500;
const LATENCY_MIN_MS = 0.3;
const LATENCY_MAX_MS = 6;
const RECONNECT_MAX_MS = 200;

/** The way between one gateway's host and the store, for all its connections. */
export interface Way {
  /** Nothing gets to the store, or back from it, before this instant; what was sent arrives then. */
  requestsHeldUntilMs: number;
  answersHeldUntilMs: number;
  /** Every message takes up to so much longer. */
  slowerByMs: number;
  /** No connection can be made. */
  closed: boolean;
}

/** What a connection is connected to. */
export interface Endpoint {
  /** Null: down. Another number after each start. */
  run: number | null;
  /**
   * How often it has lost everything. What was asked before is not asked of the empty store: an acquisition that
   * arrives late there would be granted although somebody works the shard, and nothing is left by which to know.
   */
  emptied: number;
}

/** One TCP connection's life: what is sent on it arrives in order, or not at all. */
interface Link {
  readonly run: number;
  requestAtMs: number;
  answerAtMs: number;
  /** Swallows what is sent, and nobody notices. */
  requestsLost: boolean;
  answersLost: boolean;
  readonly waiting: Set<(error: Error) => void>;
}

/** A gateway's connection to the store: commands in order, a time-out each, nothing queued while it is away. */
export class Connection {
  readonly #timeline: Timeline;
  readonly #process: SimulatedProcess;
  readonly #endpoint: Endpoint;
  readonly #way: Way;
  readonly #random: Random;
  readonly #onReady: () => void;
  #link: Link | null = null;
  #whenReady: (() => void)[] = [];

  constructor(
    place: { timeline: Timeline; process: SimulatedProcess; endpoint: Endpoint; random: Random },
    way: Way,
    onReady: () => void,
  ) {
    this.#timeline = place.timeline;
    this.#process = place.process;
    this.#endpoint = place.endpoint;
    this.#random = place.random;
    this.#way = way;
    this.#onReady = onReady;
    this.#connectLater();
  }

  get ready(): boolean {
    return this.#link !== null;
  }

  /** Resolves when there is a connection, at the latest after `ms`. */
  async becomesReady(ms: number): Promise<boolean> {
    if (this.#link !== null) return true;
    await new Promise<void>((resolve) => {
      this.#whenReady.push(resolve);
      this.#process.after(ms, resolve);
    });
    return this.#link !== null;
  }

  /** Has `apply` done at the store and brings its answer back; rejects when none comes in time. */
  call<T>(apply: () => T | Promise<T>): Promise<T> {
    const link = this.#link;
    if (link === null) return Promise.reject(new Error("not connected"));
    return new Promise<T>((resolve, reject) => {
      const fail = (error: Error) => {
        timer.run = null;
        link.waiting.delete(fail);
        reject(error);
      };
      const timer: TimedEvent = this.#process.after(COMMAND_TIMEOUT_MS, () =>
        fail(new Error("Command timed out")),
      );
      link.waiting.add(fail);
      if (link.requestsLost) return;
      const { emptied } = this.#endpoint;
      const comeBack = (deliver: () => void) => {
        if (link.answersLost) return;
        link.answerAtMs = this.#arrival(link.answerAtMs, this.#way.answersHeldUntilMs);
        this.#timeline.at(
          link.answerAtMs,
          () => {
            timer.run = null;
            link.waiting.delete(fail);
            deliver();
          },
          this.#process,
        );
      };
      link.requestAtMs = this.#arrival(link.requestAtMs, this.#way.requestsHeldUntilMs);
      this.#timeline.at(link.requestAtMs, () => {
        // The store that it was sent to is gone: so is what it had not read.
        if (this.#endpoint.run !== link.run || this.#endpoint.emptied !== emptied) return;
        this.#apply(
          apply,
          (value) => comeBack(() => resolve(value)),
          (error) => comeBack(() => reject(error)),
        );
      });
    });
  }

  /** From now on nothing gets through on this connection, in one direction or in both; it stays open. */
  goSilent(requests: boolean, answers: boolean): void {
    if (this.#link === null) return;
    this.#link.requestsLost ||= requests;
    this.#link.answersLost ||= answers;
  }

  /** It breaks, and is made again. What is on its way to the store may still get there. */
  drop(): void {
    const link = this.#link;
    if (link === null) return;
    this.#link = null;
    for (const fail of [...link.waiting]) {
      this.#process.after(0, () => {
        if (link.waiting.has(fail)) fail(new Error("Connection is closed"));
      });
    }
    this.#connectLater();
  }

  #connectLater(): void {
    this.#process.after(this.#random.between(5, RECONNECT_MAX_MS), () => {
      const { run } = this.#endpoint;
      if (this.#link !== null) return;
      if (run === null || this.#way.closed) return this.#connectLater();
      const nowMs = this.#timeline.nowMs;
      this.#link = {
        run,
        requestAtMs: nowMs,
        answerAtMs: nowMs,
        requestsLost: false,
        answersLost: false,
        waiting: new Set(),
      };
      for (const resolve of this.#whenReady.splice(0)) resolve();
      this.#onReady();
    });
  }

  #arrival(lastMs: number, heldUntilMs: number): number {
    const slower = this.#way.slowerByMs === 0 ? 0 : this.#random.between(0, this.#way.slowerByMs);
    const latency = this.#random.between(LATENCY_MIN_MS, LATENCY_MAX_MS) + slower;
    return Math.max(lastMs, Math.max(this.#timeline.nowMs, heldUntilMs) + latency);
  }

  /** The model answers at once; a real store is waited for, while simulated time stands still. */
  #apply<T>(
    apply: () => T | Promise<T>,
    done: (value: T) => void,
    failed: (error: Error) => void,
  ): void {
    const value = apply();
    if (value instanceof Promise) void this.#timeline.standStillFor(value.then(done, failed));
    else done(value);
  }
}
