import type { RuleTimes } from "@chela/shared/lease/snapshot";
import { shardOf } from "@chela/shared/shard/shard-of";
import type { InboxEntry } from "../inbox/event.ts";
import { Clients, type Streets } from "./clients.ts";
import type { Endpoint } from "./connection.ts";
import { Laws } from "./laws.ts";
import { planMishaps } from "./mishaps.ts";
import { Random } from "./random.ts";
import type { Mood } from "./simulated-assistant.ts";
import { SimulatedConsole } from "./simulated-console.ts";
import { SimulatedGateway } from "./simulated-gateway.ts";
import { WALL_START_MS } from "./simulated-process.ts";
import { messagesOf, REPEATING, SimulatedVendor } from "./simulated-vendor.ts";
import type { Answer, SimulatedStore } from "./store/store.ts";
import { Timeline } from "./timeline.ts";

/** Until then things go wrong. */
const CALM_AT_MS = 4_000;
/**
 * So long after that everything must have come right: a lease's end, a claim by the last in rank, the longest turn,
 * and a poisoned message's five attempts, between which the assistant's breaker stays open for up to 8 s.
 */
const RIGHT_WITHIN_MS = 40_000;
/** So long after that the shards lie where they belong: also those that were moved just before are moved again. */
const SETTLED_WITHIN_MS = 14_000;
const LOOK_EVERY_MS = 100;
/** Every so many seeds the store loses everything, once. */
const WIPED_EACH = 32;
/** Every so many seeds are worlds in which shards are soon moved too often. */
const RESTLESS_EACH = 4;

export interface WorldOptions {
  readonly seed: number;
  /** The store, on the store's own clock (ms since the epoch). */
  readonly store: (nowMs: () => number) => SimulatedStore;
  /** Hears everything that happens; null: nobody listens, which is faster. */
  readonly note: ((line: string) => void) | null;
}

/** Gateways, a store, callers, an assistant and a vendor in simulated time; one seed, one course of events. */
export class World {
  readonly random: Random;
  readonly timeline = new Timeline();
  readonly laws = new Laws(() => this.timeline.nowMs);
  readonly store: SimulatedStore;
  readonly endpoint: Endpoint = { run: 1, emptied: 0 };
  readonly mood: Mood = { troubled: true };
  readonly streets: Streets = { lossy: true };
  readonly vendor: SimulatedVendor;
  readonly clients: Clients;
  readonly console: SimulatedConsole;
  readonly gateways: SimulatedGateway[] = [];
  readonly shards: number;
  /**
   * The store may lose everything, so that no promise about events holds: nobody sends any, and only the leases are
   * looked at, for longer.
   */
  readonly wipes: boolean;
  readonly note: ((line: string) => void) | null;
  /** In some worlds shards move sooner, and are held back after fewer moves: their time is short. */
  readonly ruleTimes: Partial<RuleTimes>;
  readonly #names = new Map<string, string>();
  #incarnations = 0;
  #right = false;

  constructor({ seed, store, note }: WorldOptions) {
    const { timeline } = this;
    const random = new Random(seed);
    this.random = random;
    this.wipes = seed % WIPED_EACH === 0;
    this.ruleTimes = seed % RESTLESS_EACH === 1 ? { holdAtLeastMs: 300, flapMovesMax: 2 } : {};
    this.note =
      note === null ? null : (line) => note(`${timeline.nowMs.toFixed(1).padStart(8)}  ${line}`);
    this.store = store(() => WALL_START_MS + timeline.nowMs);
    this.vendor = new SimulatedVendor(random, () => timeline.nowMs);
    this.clients = new Clients(this);
    this.shards = random.integer(2, 3);
    this.console = new SimulatedConsole(this);
    const gateways = random.pick([2, 2, 3, 3, 4]);
    // A fleet that has lived before: in a new one everybody waits for a lease's time before the first shard is taken.
    for (let shard = 0; shard < this.shards; shard++) {
      this.act(this.store.writeEpoch(shard, 1));
    }
    this.console.prefer(0, null);
    for (let index = 0; index < gateways; index++) this.boot(index);
  }

  /** Lives through it and answers which law was broken, if any. */
  async live(): Promise<string | null> {
    const { timeline, laws } = this;
    if (!this.wipes) this.clients.start(CALM_AT_MS * 0.8);
    planMishaps(this, CALM_AT_MS);
    timeline.at(CALM_AT_MS, () => this.#becomeCalm());
    const endMs = CALM_AT_MS + (this.wipes ? SETTLED_WITHIN_MS : RIGHT_WITHIN_MS);
    await timeline.run(endMs, () => {
      laws.oneHolder();
      return laws.breach !== null || this.#right;
    });
    if (laws.breach === null) {
      if (this.wipes) this.#judgeLeases();
      else if (!this.#right) laws.progress(await this.#whatIsOpen());
      else await this.#judge();
    }
    for (const gateway of this.gateways) gateway.process.kill();
    return laws.breach;
  }

  boot(index: number): void {
    const { random } = this;
    if (this.gateways[index]?.alive()) return;
    const incarnation = `run-${++this.#incarnations}`;
    const rate = random.between(0.97, 1.03);
    const wallAheadMs = random.between(-2_000, 2_000);
    const name = `gw-${index}`;
    this.note?.(`${name}/${incarnation} starts`);
    this.gateways[index] = new SimulatedGateway(this, name, incarnation, rate, wallAheadMs);
  }

  /** A gateway dies, and is started again. */
  crash(gateway: SimulatedGateway, awayMs = this.random.between(50, 600)): void {
    if (!gateway.alive()) return;
    this.note?.(`${gateway} dies`);
    gateway.process.kill();
    const index = this.gateways.indexOf(gateway);
    // The agent sees the container die, if it is there to see.
    if (this.random.chance(0.5) && !this.console.paused) {
      this.timeline.after(this.random.between(20, 120), () => {
        this.act(this.store.releaseDead(gateway.name, gateway.incarnation));
        this.laws.died(gateway.incarnation);
        this.wake();
      });
    }
    this.timeline.after(awayMs, () => this.boot(index));
  }

  /** The store forgets everything; the console writes the control record again. */
  wipe(): void {
    this.endpoint.emptied += 1;
    this.act(this.store.wipe());
    this.laws.wiped();
    this.console.restore();
  }

  /** Tells every gateway to look again; a hint may be lost. */
  wake(): void {
    for (const gateway of this.gateways) {
      if (this.random.chance(0.2)) continue;
      gateway.heard(() => gateway.lease.wake());
    }
  }

  /** Entries stand in an inbox: whoever waits for them is told. */
  appended(shard: number): void {
    for (const gateway of this.gateways) gateway.entriesCame(shard);
  }

  shardOf(sessionKey: string): number {
    return shardOf(sessionKey, this.shards);
  }

  /** Something done to the store from outside, at this instant. */
  act<T>(answer: Answer<T>, then: (value: T) => void = () => {}): void {
    if (answer instanceof Promise) void this.timeline.standStillFor(answer.then(then));
    else then(answer);
  }

  entriesRead(shard: number, entries: readonly InboxEntry[]): void {
    if (this.note === null) return;
    for (const { id, eventId } of entries) this.#names.set(`${shard}/${id}`, eventId);
  }

  /** An inbox entry by its event's id: stream ids differ from store to store. */
  nameOf(shard: number, entryId: string): string {
    return this.#names.get(`${shard}/${entryId}`) ?? "unknown";
  }

  #becomeCalm(): void {
    this.note?.("CALM");
    this.mood.troubled = false;
    this.streets.lossy = false;
    this.vendor.troubled = false;
    for (let index = 0; index < this.gateways.length; index++) {
      if (!this.gateways[index]!.alive()) this.boot(index);
    }
    if (!this.wipes) this.timeline.after(LOOK_EVERY_MS, () => this.#look());
  }

  #look(): void {
    if (!this.clients.quiet || this.#shardsUnheld().length > 0) {
      this.timeline.after(LOOK_EVERY_MS, () => this.#look());
      return;
    }
    let waiting = 0;
    for (let shard = 0; shard < this.shards; shard++) {
      this.act(this.store.inboxLength(shard), (length) => {
        waiting += length;
      });
      this.act(this.store.outboxLength(shard), (length) => {
        waiting += length;
      });
    }
    // After both answers, also where they come from outside.
    this.timeline.after(0, () => {
      if (waiting === 0) this.#right = true;
      else this.timeline.after(LOOK_EVERY_MS, () => this.#look());
    });
  }

  #shardsUnheld(): number[] {
    const all = Array.from({ length: this.shards }, (_, shard) => shard);
    return all.filter((shard) => this.laws.holderOf(shard) === null);
  }

  #judgeLeases(): void {
    const unheld = this.#shardsUnheld();
    if (unheld.length > 0) this.laws.progress(`nobody holds the shards [${unheld}]`);
    const holders = Array.from({ length: this.shards }, (_, shard) => this.laws.holderOf(shard));
    if (this.console.oneActive && new Set(holders).size > 1) {
      this.laws.progress(`active-standby, but the shards are held by [${holders}]`);
    }
  }

  async #whatIsOpen(): Promise<string> {
    const open = this.clients.fates.filter((f) => f.ackedAtMs === null && !f.abandoned);
    const inboxes: number[] = [];
    const outboxes: number[] = [];
    for (let shard = 0; shard < this.shards; shard++) {
      inboxes.push(await this.store.inboxLength(shard));
      outboxes.push(await this.store.outboxLength(shard));
    }
    return `unheld shards [${this.#shardsUnheld()}], events without 2xx [${open.map((f) => f.event.eventId)}], inboxes [${inboxes}], outboxes [${outboxes}]`;
  }

  /** The laws that are about the whole. */
  async #judge(): Promise<void> {
    const { clients, laws, store, vendor } = this;
    const bySession = Map.groupBy(clients.fates, (fate) => fate.event.sessionKey);
    const told: [string[], boolean][] = [];
    const roles = new Map<string, string>();
    for (const [sessionKey, fates] of bySession) {
      const messages = await store.messages(this.shardOf(sessionKey), sessionKey);
      laws.history(messages, fates);
      const { channel } = fates[0]!.event;
      const answers = messages.filter(({ role }) => role !== "user");
      for (const { event, role } of answers) roles.set(event, role);
      const replies = channel === "api" ? [] : answers.flatMap(({ event }) => messagesOf(event));
      told.push([replies, channel === REPEATING]);
    }
    for (let shard = 0; shard < this.shards; shard++) {
      laws.deadLetters(await store.deadLetters(shard), roles);
    }
    for (const [replies, repeating] of told) laws.replies(replies, vendor, repeating);
  }
}
