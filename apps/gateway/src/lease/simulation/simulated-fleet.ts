import type { Clock } from "@chela/shared/clock/clock";
import { TestClock } from "@chela/shared/clock/test-clock";
import type { ShardGrant } from "../../shard/shard-work.ts";
import { createLeaseLoop, type LeaseLoop } from "../lease-loop.ts";
import { LeaseModel } from "./lease-model.ts";

const COMMAND_TIMEOUT_MS = 500;
const MAX_LATENCY_MS = 8;

/** One process: its clock runs a little fast or slow, it can be paused, cut off from the store, killed. */
class Process {
  readonly grants = new Map<number, ShardGrant>();
  /** Highest epoch granted to it, by shard. */
  readonly #epochs = new Map<number, number>();
  readonly loop: LeaseLoop;
  cutOff = false;
  /** Turns take this long; a cede waits for them. */
  turnMs = 0;
  #dead = false;
  #paused: Promise<void> | null = null;
  #resume = () => {};

  constructor(fleet: SimulatedFleet, name: string, incarnation: string, rate: number) {
    const gate = async () => {
      while (this.#paused !== null) await this.#paused;
      if (this.#dead) await new Promise(() => {});
    };
    const clock: Clock = {
      monotonicMs: () => fleet.clock.monotonicMs() * rate,
      wallMs: () => fleet.clock.wallMs(),
      sleep: async (ms, signal) => {
        await fleet.clock.sleep(ms / rate, signal);
        await gate();
      },
    };
    const latency = () => fleet.clock.sleep(1 + fleet.random() * MAX_LATENCY_MS);
    const call = async <T>(apply: () => T): Promise<T> => {
      const lost = async () => {
        await fleet.clock.sleep(COMMAND_TIMEOUT_MS);
        await gate();
        throw new Error("Command timed out");
      };
      await gate();
      await latency();
      if (this.cutOff) return lost();
      const answer = apply();
      await latency();
      // Cut off in between: it was done, but nobody here knows.
      if (this.cutOff) return lost();
      await gate();
      return answer;
    };
    this.loop = createLeaseLoop({
      store: fleet.model.storeFor(name, incarnation, call),
      name,
      incarnation,
      version: "simulated",
      weight: 1,
      work: {
        start: (grant) => {
          fleet.granted(grant, this.#epochs);
          this.grants.set(grant.shard, grant);
        },
        cede: () => clock.sleep(this.turnMs),
        abort: (shard) => {
          this.grants.delete(shard);
        },
        inFlight: () => 0,
      },
      assistantUp: () => true,
      clock,
      log: { info() {}, warn() {} },
    });
    this.loop.start();
  }

  async wake() {
    while (this.#paused !== null) await this.#paused;
    if (!this.#dead) this.loop.wake();
  }

  pause() {
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume() {
    this.#paused = null;
    this.#resume();
  }

  kill() {
    this.#dead = true;
  }

  alive = () => !this.#dead;
  works = (shard: number) => !this.#dead && this.grants.get(shard)?.isValid() === true;
}

export interface SimulatedFleetOptions {
  gateways: number;
  shards: number;
  mode: "active-standby" | "active-active";
  /** Clock speed of each gateway, about 1. */
  rates: readonly number[];
  random: () => number;
}

/** Real lease loops over the model of the store, in simulated time; `advance` checks the laws as it goes. */
export class SimulatedFleet {
  readonly clock = new TestClock();
  readonly model: LeaseModel;
  readonly processes: Process[] = [];
  readonly random: () => number;
  readonly #options: SimulatedFleetOptions;
  #incarnations = 0;
  readonly #epochs = new Map<number, number>();
  readonly #broken: string[] = [];

  constructor(options: SimulatedFleetOptions) {
    this.#options = options;
    this.random = options.random;
    this.model = new LeaseModel(
      () => Math.floor(this.clock.wallMs()),
      () => this.wake(),
    );
    this.prefer(0);
    for (let i = 0; i < options.gateways; i++) this.boot(i);
  }

  boot(index: number) {
    const incarnation = `run-${++this.#incarnations}`;
    const rate = this.#options.rates[index] ?? 1;
    this.processes[index] = new Process(this, `gw-${index}`, incarnation, rate);
  }

  /** What the console writes for a switchover; sometimes it dies before the hand-over records. */
  prefer(index: number, allowedMs: number | null = null) {
    const generation = Number(this.model.control?.["generation"] ?? 0) + 1;
    const to = `gw-${index}`;
    this.model.control = {
      layout: "1",
      shards: String(this.#options.shards),
      mode: this.#options.mode,
      actives: String(this.#options.gateways),
      preferred: JSON.stringify([to]),
      generation: String(generation),
      operation: "",
    };
    if (allowedMs !== null) {
      const deadlineMs = this.clock.wallMs() + allowedMs;
      for (let shard = 0; shard < this.#options.shards; shard++) {
        this.model.handovers.set(shard, { generation, to, deadlineMs });
      }
    }
    this.wake();
  }

  wake() {
    for (const process of this.processes) {
      // A hint may be lost.
      if (this.random() < 0.2) continue;
      this.clock.sleep(1 + this.random() * MAX_LATENCY_MS).then(() => process.wake());
    }
  }

  /** The store forgets everything. An epoch that only its holder has seen so far, only that one still knows. */
  wipe() {
    this.model.wipe();
    this.#epochs.clear();
  }

  granted({ shard, epoch }: ShardGrant, ownEpochs: Map<number, number>) {
    for (const known of [this.#epochs, ownEpochs]) {
      const highest = known.get(shard) ?? 0;
      if (epoch <= highest) this.#broken.push(`epoch of shard ${shard}: ${epoch} after ${highest}`);
      known.set(shard, epoch);
    }
  }

  workersOf(shard: number): Process[] {
    return this.processes.filter((process) => process.works(shard));
  }

  async advance(ms: number, stepMs = 20) {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await this.clock.advance(stepMs);
      for (let shard = 0; shard < this.#options.shards; shard++) {
        const workers = this.workersOf(shard).map((p) => p.loop.incarnation);
        if (workers.length > 1) {
          this.#broken.push(`shard ${shard} has two holders at once: ${workers.join()}`);
        }
      }
      if (this.#broken.length > 0) throw new Error(this.#broken.join("; "));
    }
  }
}
