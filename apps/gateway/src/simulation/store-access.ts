import type { IngestDeps } from "../inbox/ingest.ts";
import type { ShardRunDeps } from "../inbox/shard-run.ts";
import type { LeaseStore } from "../lease/store.ts";
import type { OutboxRunDeps } from "../outbox/outbox-run.ts";
import type { Connection, Way } from "./connection.ts";
import type { Suspect } from "./laws.ts";
import type { Answer, GatewayPort } from "./store/store.ts";
import type { World } from "./world.ts";

/** What one gateway asks of the store, each over its connection; the laws see every answer when the store gives it. */
export class StoreAccess {
  readonly #world: World;
  readonly #who: Suspect;
  readonly #port: GatewayPort;
  readonly #connections: { readonly commands: Connection; readonly leases: Connection };
  readonly #way: Way;

  constructor(
    world: World,
    who: Suspect,
    port: GatewayPort,
    connections: { readonly commands: Connection; readonly leases: Connection },
    way: Way,
  ) {
    this.#world = world;
    this.#who = who;
    this.#port = port;
    this.#connections = connections;
    this.#way = way;
  }

  ingest: IngestDeps["store"] = (items) =>
    this.#connections.commands.call(() =>
      seen(this.#port.inbox.ingest(items), (stored) => {
        for (const [index, { event, shard }] of items.entries()) {
          const { outcome } = stored[index]!;
          this.#note?.(`stores ${event.eventId} in shard ${shard}: ${outcome}`);
          if (outcome === "accepted") this.#world.appended(shard);
        }
      }),
    );

  inbox(): ShardRunDeps["inbox"] {
    const { commands } = this.#connections;
    const { inbox } = this.#port;
    const { laws } = this.#world;
    return {
      begin: (holder, id, suspectFrom) =>
        commands.call(() =>
          seen(inbox.begin(holder, id, suspectFrom), (begun) => {
            this.#note?.(`begins ${this.#world.nameOf(holder.shard, id)}: ${begun}`);
            laws.began(holder, this.#who, id, begun);
          }),
        ),
      giveBack: (shard, id) =>
        commands.call(() =>
          seen(inbox.giveBack(shard, id), () => {
            this.#note?.(`gives back ${this.#world.nameOf(shard, id)}`);
            laws.gaveBack(shard, id);
          }),
        ),
      commit: (holder, entry, outcome) => {
        this.#mayFreeze(0.01);
        return commands.call(() =>
          seen(inbox.commit(holder, entry, outcome), (committed) => {
            const under = `shard ${holder.shard}, epoch ${holder.epoch}`;
            this.#note?.(`commits ${entry.eventId} as ${outcome.role} (${under}): ${committed}`);
            laws.committed(holder, this.#who, entry, outcome, committed);
          }),
        );
      },
    };
  }

  outbox(): OutboxRunDeps["outbox"] {
    const { commands } = this.#connections;
    const { outbox } = this.#port;
    const { laws, vendor } = this.#world;
    return {
      read: (shard, cursor, count) => commands.call(() => outbox.read(shard, cursor, count)),
      claim: (holder, ids) =>
        commands.call(() =>
          seen(outbox.claim(holder, ids), (claims) => {
            for (const claim of claims) {
              if (claim.kind !== "claimed") continue;
              this.#note?.(`claims ${claim.message}: epoch ${claim.epoch}`);
              laws.claimed(holder, this.#who);
              if (claim.epoch === holder.epoch) continue;
              vendor.sending(claim.message).foundOpen.add(holder.epoch);
            }
          }),
        ),
      unclaim: (holder, id) => commands.call(() => outbox.unclaim(holder, id)),
      settle: (shard, id, givenUp) => commands.call(() => outbox.settle(shard, id, givenUp)),
    };
  }

  leases(): LeaseStore {
    const connection = this.#connections.leases;
    const { lease } = this.#port;
    const { laws } = this.#world;
    return {
      readControl: () => connection.call(() => lease.readControl()),
      observe: (shards) => connection.call(() => lease.observe(shards)),
      heartbeat: (report, dead) => connection.call(() => lease.heartbeat(report, dead)),
      acquire: (requests) => {
        this.#mayFreeze(0.03);
        return connection.call(() =>
          seen(lease.acquire(requests), (answers) => {
            for (const answer of answers) {
              if (answer.outcome !== "granted") continue;
              const { shard, epoch } = answer;
              this.#note?.(`is granted shard ${shard}, epoch ${epoch}`);
              const { observed } = requests.find((request) => request.shard === shard)!;
              laws.acquired({ shard, epoch }, this.#who, observed === null);
            }
          }),
        );
      },
      renew: (requests) =>
        connection.call(() =>
          seen(lease.renew(requests), (answers) => {
            for (const { shard, outcome } of answers) {
              const { epoch } = requests.find((request) => request.shard === shard)!;
              if (outcome === "renewed") laws.renewed({ shard, epoch }, this.#who);
            }
          }),
        ),
      release: (requests) => {
        this.#mayFreeze(0.1);
        return connection.call(() => {
          this.#note?.(`releases ${JSON.stringify(requests)}`);
          return seen(lease.release(requests), () => {
            for (const request of requests) laws.released(request);
            this.#world.wake();
          });
        });
      },
      leave: () => connection.call(() => seen(lease.leave(), () => this.#world.wake())),
    };
  }

  get #note(): ((line: string) => void) | null {
    const { note } = this.#world;
    return note === null ? null : (line) => note(`${this.#who} ${line}`);
  }

  /** Trouble comes at the worst moment: what is about to be sent stands on the way, perhaps longer than a lease lasts. */
  #mayFreeze(probability: number): void {
    const { random, timeline, streets } = this.#world;
    if (!streets.lossy || !random.chance(probability)) return;
    const ms = random.between(50, 3_500);
    this.#note?.(`FREEZE for ${ms.toFixed(0)} ms`);
    if (random.chance(0.5)) this.#way.requestsHeldUntilMs = timeline.nowMs + ms;
    else this.#way.answersHeldUntilMs = timeline.nowMs + ms;
  }
}

/** Has `look` see the answer at the instant at which the store gives it. */
function seen<T>(answer: Answer<T>, look: (value: T) => void): Answer<T> {
  if (answer instanceof Promise) {
    return answer.then((value) => {
      look(value);
      return value;
    });
  }
  look(answer);
  return answer;
}
