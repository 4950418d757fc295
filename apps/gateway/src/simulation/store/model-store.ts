import type { Handover } from "@chela/shared/lease/schema";
import { memberField } from "@chela/shared/lease/schema";
import type { Mutation } from "../mutation.ts";
import { LeaseModel } from "./lease-model.ts";
import { ShardModel } from "./shard-model.ts";
import type { GatewayPort, SimulatedStore } from "./store.ts";

const BACKLOG_MAX = 10_000;

/** The whole store in memory; `nowMs` is its own clock. */
export class ModelStore implements SimulatedStore {
  readonly leases: LeaseModel;
  readonly #nowMs: () => number;
  readonly #mutation: Mutation | null;
  readonly #shards = new Map<number, ShardModel>();

  constructor(nowMs: () => number, mutation: Mutation | null = null) {
    this.#nowMs = nowMs;
    this.#mutation = mutation;
    this.leases = new LeaseModel(nowMs, mutation);
  }

  gateway(name: string, incarnation: string): GatewayPort {
    const shard = (number: number) => this.#shard(number);
    const writer = (epoch: number) => ({ name, incarnation, epoch });
    return {
      lease: this.leases.portFor(name, incarnation),
      inbox: {
        ingest: (items) => items.map((item) => shard(item.shard).ingest(item, BACKLOG_MAX)),
        begin: (holder, id, suspectFrom) =>
          shard(holder.shard).begin(writer(holder.epoch), id, suspectFrom),
        giveBack: (number, id) => shard(number).giveBack(id),
        commit: (holder, entry, outcome) =>
          shard(holder.shard).commit(writer(holder.epoch), entry, outcome),
        read: (number, cursor, count) => shard(number).readInbox(cursor, count),
        beginning: (number) =>
          this.#mutation === "followed-from-its-end" ? shard(number).newestId() : "0-0",
      },
      outbox: {
        read: (number, cursor, count) => shard(number).readOutbox(cursor, count),
        claim: (holder, ids) => shard(holder.shard).claim(writer(holder.epoch), ids),
        unclaim: (holder, id) => shard(holder.shard).unclaim(holder.epoch, id),
        settle: (number, id, givenUp) => shard(number).settle(id, givenUp),
      },
    };
  }

  writeEpoch(shard: number, epoch: number): void {
    this.leases.epochs.set(shard, epoch);
  }

  writeControl(fields: Record<string, string>): void {
    this.leases.control = fields;
  }

  writeHandover(shard: number, handover: Handover): void {
    this.leases.handovers.set(shard, handover);
  }

  fence(shard: number, holder: string, handover: Handover): number | null {
    const lease = this.leases.leases.get(shard);
    if (lease?.holder !== holder) return null;
    const epoch = Math.max(this.leases.epochs.get(shard) ?? 0, lease.epoch) + 1;
    this.leases.epochs.set(shard, epoch);
    this.leases.leases.delete(shard);
    this.leases.handovers.set(shard, handover);
    return epoch;
  }

  releaseDead(name: string, incarnation: string): void {
    this.leases.members.delete(memberField(name, incarnation));
    for (const [shard, lease] of this.leases.leases) {
      if (lease.holder !== name || lease.incarnation !== incarnation) continue;
      this.leases.leases.delete(shard);
    }
  }

  restart(): void {
    this.leases.runId += 1;
  }

  refuseAppends(shard: number, refuse: boolean): void {
    this.#shard(shard).refusesAppends = refuse;
  }

  wipe(): void {
    this.leases.wipe();
    this.#shards.clear();
  }

  inboxLength = (shard: number): number => this.#shard(shard).inbox.size;
  outboxLength = (shard: number): number => this.#shard(shard).outbox.size;
  messages = (shard: number, sessionKey: string) =>
    this.#shard(shard).histories.get(sessionKey) ?? [];
  deadLetters = (shard: number) => this.#shard(shard).dead;

  #shard(number: number): ShardModel {
    const known = this.#shards.get(number);
    if (known !== undefined) return known;
    const lease = () => this.leases.leases.get(number);
    const made = new ShardModel(lease, this.#nowMs, this.#mutation);
    this.#shards.set(number, made);
    return made;
  }
}
