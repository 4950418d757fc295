import { MOVES_KEPT } from "@chela/shared/lease/flapping";
import type { Handover, Lease, Member, Move } from "@chela/shared/lease/schema";
import { memberField } from "@chela/shared/lease/schema";
import type { LeaseStore, SeenMember } from "../../lease/store.ts";
import type { Mutation } from "../mutation.ts";
import type { AtOnce, LeasePort } from "./store.ts";

/**
 * What lua/*.lua and redis-lease-store.ts do, in memory, for the simulation. That it does the same is what
 * lease.contract.ts checks, against this and against Redis.
 */
export class LeaseModel {
  control: Record<string, string> | null = null;
  readonly members = new Map<string, SeenMember>();
  readonly leases = new Map<number, Lease>();
  readonly epochs = new Map<number, number>();
  readonly handovers = new Map<number, Handover>();
  readonly moves = new Map<number, readonly Move[]>();
  runId = 1;
  readonly #nowMs: () => number;
  readonly #mutation: Mutation | null;

  constructor(nowMs: () => number, mutation: Mutation | null = null) {
    this.#nowMs = nowMs;
    this.#mutation = mutation;
  }

  wipe(): void {
    const parts = [this.members, this.leases, this.epochs, this.handovers, this.moves];
    for (const part of parts) part.clear();
    this.control = null;
  }

  /** The store as a lease loop uses it; `call` stands for the way there and back. */
  storeFor(
    name: string,
    incarnation: string,
    call: <T>(apply: () => T) => Promise<T> = async (apply) => apply(),
  ): LeaseStore {
    const port = this.portFor(name, incarnation);
    return {
      readControl: () => call(() => port.readControl()),
      observe: (shards) => call(() => port.observe(shards)),
      heartbeat: (report, dead) => call(() => port.heartbeat(report, dead)),
      acquire: (requests) => call(() => port.acquire(requests)),
      renew: (requests) => call(() => port.renew(requests)),
      release: (requests) => call(() => port.release(requests)),
      leave: () => call(() => port.leave()),
    };
  }

  /** What one start of one gateway does at the store, each at once. */
  portFor(name: string, incarnation: string): AtOnce<LeasePort> {
    const field = memberField(name, incarnation);
    const isMine = (lease: Lease | undefined, epoch: number): lease is Lease =>
      lease?.holder === name && lease.incarnation === incarnation && lease.epoch === epoch;

    return {
      readControl: () => this.control,
      observe: (shards) => {
        const perShard = <T>(of: ReadonlyMap<number, T>) => {
          const found: (T | null)[] = [];
          for (let shard = 0; shard < shards; shard++) found.push(of.get(shard) ?? null);
          return found;
        };
        return {
          control: this.control,
          members: [...this.members.values()],
          leases: perShard(this.leases),
          epochs: perShard(this.epochs),
          handovers: perShard(this.handovers),
          moves: perShard(this.moves).map((moves) => moves ?? []),
        };
      },
      heartbeat: (report, dead) => {
        const at = Math.floor(this.#nowMs());
        const member: Member = { ...report, since: report.since ?? at, at };
        this.members.set(field, { member, text: JSON.stringify(member) });
        for (const { member, text } of dead) {
          const gone = memberField(member.name, member.incarnation);
          if (this.members.get(gone)?.text === text) this.members.delete(gone);
        }
        return { redisMs: at, runId: String(this.runId) };
      },
      acquire: (requests) =>
        requests.map(({ shard, observed, highestEpochSeen, generation }) => {
          if ((this.handovers.get(shard)?.generation ?? 0) > generation) {
            return { shard, outcome: "superseded" };
          }
          const lease = this.leases.get(shard);
          const compared = this.#mutation !== "acquire-uncompared";
          if (compared && lease !== undefined && !sameLease(lease, observed)) {
            return { shard, outcome: "changed" };
          }
          const known = Math.max(this.epochs.get(shard) ?? 0, lease?.epoch ?? 0);
          const epoch = Math.max(known, highestEpochSeen) + 1;
          this.epochs.set(shard, epoch);
          this.leases.set(shard, { holder: name, incarnation, epoch, beat: 1, generation });
          return { shard, outcome: "granted", epoch };
        }),
      renew: (requests) =>
        requests.map(({ shard, epoch, generation }) => {
          const lease = this.leases.get(shard);
          const mine = isMine(lease, epoch) || this.#mutation === "renew-unfenced";
          if (lease === undefined || !mine) return { shard, outcome: "lost" };
          const order = this.handovers.get(shard);
          if (
            order !== undefined &&
            order.generation > generation &&
            order.to !== name &&
            this.#nowMs() > order.deadlineMs
          ) {
            return { shard, outcome: "overdue" };
          }
          this.leases.set(shard, { ...lease, beat: lease.beat + 1, generation });
          return { shard, outcome: "renewed" };
        }),
      release: (requests) => {
        for (const { shard, epoch, movedUnder } of requests) {
          const mine = isMine(this.leases.get(shard), epoch);
          if (!mine && this.#mutation !== "release-unfenced") continue;
          this.leases.delete(shard);
          if (movedUnder === undefined) continue;
          const move = { atMs: Math.floor(this.#nowMs()), generation: movedUnder };
          this.moves.set(shard, [...(this.moves.get(shard) ?? []), move].slice(-MOVES_KEPT));
        }
      },
      leave: () => {
        this.members.delete(field);
      },
    };
  }
}

const sameLease = (lease: Lease, observed: Lease | null): boolean =>
  lease.holder === observed?.holder &&
  lease.incarnation === observed.incarnation &&
  lease.epoch === observed.epoch &&
  lease.beat === observed.beat;
