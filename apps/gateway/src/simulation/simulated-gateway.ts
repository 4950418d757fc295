import { AssistantHealth } from "../assistant/health.ts";
import type { InboundEvent, Stored } from "../inbox/event.ts";
import { Ingest } from "../inbox/ingest.ts";
import { Processor } from "../inbox/processor.ts";
import { createLeaseLoop, type LeaseLoop } from "../lease/lease-loop.ts";
import { Gate } from "../session/lanes.ts";
import { Solitude } from "../session/solitude.ts";
import type { ShardWork } from "../shard/shard-work.ts";
import { Connection, type Way } from "./connection.ts";
import { InboxFollower } from "./inbox-follower.ts";
import type { Suspect } from "./laws.ts";
import { simulatedAssistant } from "./simulated-assistant.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { StoreAccess } from "./store-access.ts";
import type { World } from "./world.ts";

const HOLD_MS = 250;
const DEDUPE_TTL_MS = 3_600_000;
const TURNS_MAX = 8;
const SENDS_MAX = 4;

/** One start of one gateway: put together like gateway.ts does, on a simulated process and a way to the store. */
export class SimulatedGateway implements Suspect {
  readonly name: string;
  readonly incarnation: string;
  readonly process: SimulatedProcess;
  readonly lease: LeaseLoop;
  readonly way: Way = {
    requestsHeldUntilMs: 0,
    answersHeldUntilMs: 0,
    slowerByMs: 0,
    closed: false,
  };
  /** Whether this gateway can reach the assistant. */
  assistantReachable = true;
  readonly #world: World;
  readonly #connections: { commands: Connection; leases: Connection; reads: Connection };
  readonly #ingest: Ingest;
  readonly #follower: InboxFollower;

  constructor(world: World, name: string, incarnation: string, rate: number, wallAheadMs: number) {
    this.name = name;
    this.incarnation = incarnation;
    this.#world = world;
    const { timeline, random, vendor, endpoint } = world;
    const process = new SimulatedProcess(timeline, rate, wallAheadMs);
    const { clock } = process;
    const port = world.store.gateway(name, incarnation);
    this.process = process;

    const place = { timeline, process, endpoint, random };
    const connect = (onReady: () => void) => new Connection(place, this.way, onReady);
    let leasesBroken = false;
    this.#connections = {
      commands: connect(() => {}),
      reads: connect(() => this.#follower.reconnected()),
      leases: connect(() => {
        if (leasesBroken) this.lease.takeOverAgain("the connection to Redis was renewed");
        leasesBroken = true;
        this.lease.wake();
      }),
    };
    const { commands } = this.#connections;
    const access = new StoreAccess(world, this, port, this.#connections, this.way);
    this.#follower = new InboxFollower(() => this.#connections.reads, port.inbox, clock);

    const assistant = simulatedAssistant(clock, random, world.mood, {
      canReach: () => this.assistantReachable,
      die: () => world.crash(this),
    });
    const assistantHealth = new AssistantHealth(assistant, clock);
    const processor = new Processor({
      gate: new Gate(TURNS_MAX),
      solitude: new Solitude(clock),
      run: {
        clock,
        assistant,
        inbox: access.inbox(),
        follow: (shard, deliver) =>
          this.#follower.follow(shard, (entries) => {
            world.entriesRead(shard, entries);
            return deliver(entries);
          }),
        history: async () => [],
        publish: () => {},
        outgoing: (entry) => vendor.outbound(entry.channel, clock)?.messages(entry.reply, "") ?? [],
        admit: (signal) => assistantHealth.admit(signal),
        onTurn: () => {},
        onFenced: () => {},
        onTrouble: () => {},
      },
      outbox: {
        clock,
        redisNowMs: () => this.lease.redisTimeMs(),
        gate: new Gate(SENDS_MAX),
        afterTurn: (run) => void process.after(0, run),
        outbound: (channel) => vendor.outbound(channel, clock),
        outbox: access.outbox(),
        onSend: () => {},
      },
    });
    this.#ingest = new Ingest({
      store: access.ingest,
      redisReady: () => commands.becomesReady(HOLD_MS),
      shards: () =>
        this.lease.faults().every((fault) => fault.startsWith("redis-unreachable:"))
          ? this.lease.shards()
          : null,
      dedupeTtlMs: () => DEDUPE_TTL_MS,
      onDuplicate: () => {},
      afterTurn: (run) => void process.after(0, run),
    });
    this.lease = createLeaseLoop({
      store: access.leases(),
      name,
      incarnation,
      version: "simulated",
      weight: 1,
      work: this.#watched(processor),
      assistantUp: () => assistantHealth.up(),
      clock,
      times: world.ruleTimes,
      log: {
        info: (fields, message) => world.note?.(`${this} ${message} ${JSON.stringify(fields)}`),
        warn: (fields, message) => world.note?.(`${this} ${message} ${JSON.stringify(fields)}`),
      },
    });
    assistantHealth.start();
    this.lease.start();
  }

  toString(): string {
    return `${this.name}/${this.incarnation}`;
  }

  alive = (): boolean => this.process.alive;

  /** A webhook's event arrives. */
  store(event: InboundEvent): Promise<Stored> {
    return this.#ingest.store(event);
  }

  /** A hint over its connection to the store. */
  heard(hint: () => void): void {
    if (!this.#connections.reads.ready || this.way.closed) return;
    this.process.after(this.#world.random.between(0.5, 8), hint);
  }

  entriesCame(shard: number): void {
    this.heard(() => this.#follower.entriesCame(shard));
  }

  goSilent(requests: boolean, answers: boolean): void {
    for (const connection of Object.values(this.#connections)) {
      connection.goSilent(requests, answers);
    }
  }

  dropConnections(which: "all" | "commands" | "leases" | "reads" = "all"): void {
    for (const [name, connection] of Object.entries(this.#connections)) {
      if (which === "all" || which === name) connection.drop();
    }
  }

  /** The processor, with grants told to the laws. */
  #watched(processor: Processor): ShardWork {
    return {
      start: (grant) => {
        this.#world.note?.(`${this} works shard ${grant.shard}, epoch ${grant.epoch}`);
        this.#world.laws.granted(this, grant);
        processor.start(grant);
      },
      cede: (shard) => processor.cede(shard),
      abort: (shard) => processor.abort(shard),
      inFlight: (shard) => processor.inFlight(shard),
    };
  }
}
