import { WEBHOOK_SECRET } from "../../apps/gateway/src/testing/gateway-process.ts";
import { type Lab, messageOf } from "./lab.ts";
import { CORE, cpuUs } from "./machine.ts";

export interface LoadJob {
  readonly port: number;
  readonly seconds: number;
  readonly connections: number;
  /** Of a hundred webhooks, so many were sent before. */
  readonly duplicatePercent: number;
  readonly repeatedIds: number;
  /** Null: each connection sends as soon as it has its answer. */
  readonly perSecond: number | null;
  /** Part of every event id. */
  readonly tag: string;
}

export interface LoadResult {
  readonly accepted: number;
  readonly duplicates: number;
  readonly failed: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One window of load, and what it cost. */
export interface Window extends LoadResult {
  readonly perSecond: number;
  readonly serverUs: number;
  readonly redisUs: number;
}

/** A machine that is busy with something else makes a gateway refuse a few; more is no measurement any more. */
const FAILED_SHARE_MAX = 0.05;

export interface Target {
  readonly port: number;
  readonly pid: number;
}

/** The load generator in its own process; it stays warm from window to window. */
export class Load {
  readonly #lab: Lab;
  readonly #child: Awaited<ReturnType<Lab["program"]>>["process"];
  #windows = 0;

  private constructor(lab: Lab, child: Awaited<ReturnType<Lab["program"]>>["process"]) {
    this.#lab = lab;
    this.#child = child;
  }

  static async start(lab: Lab): Promise<Load> {
    const { process } = await lab.program("load.ts", [WEBHOOK_SECRET], CORE.load);
    return new Load(lab, process);
  }

  /** Sends to `target`, and takes what its process and Redis used meanwhile. Throws where too many failed. */
  async window(target: Target, seconds: number, more: Partial<LoadJob> = {}): Promise<Window> {
    const job: LoadJob = {
      port: target.port,
      seconds,
      connections: 64,
      duplicatePercent: 0,
      repeatedIds: 1_000,
      perSecond: null,
      tag: `w${++this.#windows}`,
      ...more,
    };
    const { redisPid } = this.#lab;
    const before = { server: cpuUs(target.pid), redis: cpuUs(redisPid) };
    this.#child.send(job);
    const result = await messageOf<LoadResult>(this.#child);
    const answered = result.accepted + result.duplicates;
    if (!(result.failed <= FAILED_SHARE_MAX * answered)) {
      throw new Error(`${result.failed} webhooks failed beside ${answered} that were answered.`);
    }
    return {
      ...result,
      perSecond: answered / result.seconds,
      serverUs: (cpuUs(target.pid) - before.server) / answered,
      redisUs: (cpuUs(redisPid) - before.redis) / answered,
    };
  }
}
