import type { Handover, Lease, Member } from "@chela/shared/lease/schema";
import { memberField } from "@chela/shared/lease/schema";
import type { LeaseStore, SeenMember } from "../store.ts";

/**
 * What lua/*.lua and redis-lease-store.ts do, in memory, for the simulation. That it does the same is what
 * lease-store.contract.ts checks, against this and against Redis.
 */
export class LeaseModel {
  control: Record<string, string> | null = null;
  readonly members = new Map<string, string>();
  readonly leases = new Map<number, Lease>();
  readonly epochs = new Map<number, number>();
  readonly handovers = new Map<number, Handover>();
  runId = 1;
  readonly #nowMs: () => number;
  readonly #wake: () => void;

  constructor(nowMs: () => number, wake: () => void = () => {}) {
    this.#nowMs = nowMs;
    this.#wake = wake;
  }

  wipe(): void {
    for (const part of [this.members, this.leases, this.epochs, this.handovers]) part.clear();
    this.control = null;
  }

  /** The store as one gateway uses it. `call` stands for the way there and back. */
  storeFor(
    name: string,
    incarnation: string,
    call: <T>(apply: () => T) => Promise<T> = async (apply) => apply(),
  ): LeaseStore {
    const field = memberField(name, incarnation);
    const isMine = (lease: Lease | undefined, epoch: number): lease is Lease =>
      lease?.holder === name && lease.incarnation === incarnation && lease.epoch === epoch;

    return {
      readControl: () => call(() => this.control),
      observe: (shards) =>
        call(() => ({
          control: this.control,
          members: [...this.members.values()].map(
            (text): SeenMember => ({
              member: JSON.parse(text) as Member,
              text,
            }),
          ),
          leases: Array.from({ length: shards }, (_, s) => this.leases.get(s) ?? null),
          epochs: Array.from({ length: shards }, (_, s) => this.epochs.get(s) ?? null),
          handovers: Array.from({ length: shards }, (_, s) => this.handovers.get(s) ?? null),
        })),
      heartbeat: (report, dead) =>
        call(() => {
          const at = this.#nowMs();
          const since = report.since ?? at;
          this.members.set(field, JSON.stringify({ ...report, since, at }));
          for (const { member, text } of dead) {
            const gone = memberField(member.name, member.incarnation);
            if (this.members.get(gone) === text) this.members.delete(gone);
          }
          return { redisMs: at, runId: String(this.runId) };
        }),
      acquire: (requests) =>
        call(() =>
          requests.map(({ shard, observed, highestEpochSeen, generation }) => {
            if ((this.handovers.get(shard)?.generation ?? 0) > generation) {
              return { shard, outcome: "superseded" as const };
            }
            const lease = this.leases.get(shard);
            if (lease !== undefined && !sameLease(lease, observed)) {
              return { shard, outcome: "changed" as const };
            }
            const known = Math.max(this.epochs.get(shard) ?? 0, lease?.epoch ?? 0);
            const epoch = Math.max(known, highestEpochSeen) + 1;
            this.epochs.set(shard, epoch);
            this.leases.set(shard, { holder: name, incarnation, epoch, beat: 1, generation });
            return { shard, outcome: "granted" as const, epoch };
          }),
        ),
      renew: (requests) =>
        call(() =>
          requests.map(({ shard, epoch, generation }) => {
            const lease = this.leases.get(shard);
            if (!isMine(lease, epoch)) return { shard, outcome: "lost" as const };
            const order = this.handovers.get(shard);
            if (
              order !== undefined &&
              order.generation > generation &&
              order.to !== name &&
              this.#nowMs() > order.deadlineMs
            ) {
              return { shard, outcome: "overdue" as const };
            }
            this.leases.set(shard, { ...lease, beat: lease.beat + 1, generation });
            return { shard, outcome: "renewed" as const };
          }),
        ),
      release: (requests) =>
        call(() => {
          for (const { shard, epoch } of requests) {
            if (!isMine(this.leases.get(shard), epoch)) continue;
            this.leases.delete(shard);
            this.#wake();
          }
        }),
      leave: () =>
        call(() => {
          this.members.delete(field);
          this.#wake();
        }),
    };
  }
}

const sameLease = (lease: Lease, observed: Lease | null): boolean =>
  lease.holder === observed?.holder &&
  lease.incarnation === observed.incarnation &&
  lease.epoch === observed.epoch &&
  lease.beat === observed.beat;
