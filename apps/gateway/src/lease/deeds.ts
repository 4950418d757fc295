import type { Clock } from "@chela/shared/clock/clock";
import type { Action } from "@chela/shared/lease/snapshot";
import type { Holdings } from "./holdings.ts";
import type { Sightings } from "./sightings.ts";
import type { AcquireRequest, LeaseStore, OwnLease, ReleaseRequest } from "./store.ts";

/** What of pino is used. */
export interface LeaseLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface DeedsDeps {
  store: LeaseStore;
  clock: Clock;
  holdings: Holdings;
  sightings: Sightings;
  log: LeaseLog;
  /** Something came out differently: look again at once. */
  lookAgain: () => void;
}

/** The act in observe → decide → act: carries out what was decided, in the store and on the shards' work. */
export class Deeds {
  readonly #deps: DeedsDeps;
  #renewedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: DeedsDeps) {
    this.#deps = deps;
  }

  async carryOut(actions: readonly Action[]): Promise<void> {
    const { store, holdings, sightings, lookAgain } = this.#deps;
    const acquires: AcquireRequest[] = [];
    const releases: ReleaseRequest[] = [];
    for (const action of actions) {
      const { shard } = action;
      switch (action.type) {
        case "acquire": {
          const { observed, generation } = action;
          const highestEpochSeen = sightings.highestEpoch(shard);
          acquires.push({ shard, observed, generation, highestEpochSeen });
          break;
        }
        case "cede":
          holdings.cede(shard, action, lookAgain);
          break;
        case "release": {
          const own = holdings.end(shard);
          if (own !== null) releases.push(own);
          break;
        }
        case "let-go":
          releases.push({ shard, epoch: action.epoch });
          break;
        case "stamp":
          holdings.stamp(shard, action.generation);
          break;
        case "drop":
          this.#drop(shard);
          break;
      }
    }
    this.#tellCeded(actions);
    if (releases.length > 0) await store.release(releases);
    if (acquires.length > 0) await this.#acquire(acquires);
  }

  /** Renews all leases, when the last time is `everyMs` ago. */
  async renew(everyMs: number): Promise<void> {
    const { store, clock, holdings } = this.#deps;
    const sentAtMs = clock.monotonicMs();
    const requests = holdings.renewals();
    if (requests.length === 0 || sentAtMs - this.#renewedAtMs < everyMs) return;
    const overdue: OwnLease[] = [];
    for (const { shard, outcome } of await store.renew(requests)) {
      const epoch = requests.find((r) => r.shard === shard)!.epoch;
      if (outcome === "renewed") holdings.extend(shard, epoch, sentAtMs);
      if (outcome === "lost") this.#drop(shard);
      if (outcome === "overdue") {
        holdings.lose(shard, "overdue");
        overdue.push({ shard, epoch });
      }
    }
    this.#renewedAtMs = sentAtMs;
    if (overdue.length > 0) await store.release(overdue);
  }

  #drop(shard: number): void {
    const { holdings, sightings } = this.#deps;
    if (holdings.lose(shard, "taken")) sightings.wasOwn(shard);
  }

  async #acquire(requests: readonly AcquireRequest[]): Promise<void> {
    const { store, clock, holdings, sightings, log, lookAgain } = this.#deps;
    const sentAtMs = clock.monotonicMs();
    const taken: number[] = [];
    for (const answer of await store.acquire(requests)) {
      const { shard } = answer;
      if (answer.outcome === "granted") {
        sightings.sawEpoch(shard, answer.epoch);
        const { generation } = requests.find((r) => r.shard === shard)!;
        holdings.begin(shard, answer.epoch, generation, sentAtMs);
        taken.push(shard);
      } else {
        lookAgain();
      }
    }
    if (taken.length > 0) log.info({ shards: taken }, "took over shards");
  }

  #tellCeded(actions: readonly Action[]): void {
    const ceded = actions.filter((action) => action.type === "cede");
    if (ceded.length === 0) return;
    const { to, reason } = ceded[0]!;
    this.#deps.log.info({ shards: ceded.map((c) => c.shard), to, reason }, "handing shards over");
  }
}
