import { readFile } from "node:fs/promises";
import { cpus, networkInterfaces } from "node:os";
import type { Clock } from "@chela/shared/clock/clock";

const SAMPLE_EVERY_MS = 2_000;

export interface CpuTimes {
  readonly busy: number;
  readonly all: number;
}

/** The first line of /proc/stat, in ticks. Pure. */
export function parseCpuTimes(stat: string): CpuTimes | null {
  const numbers = /^cpu\s+([\d ]+)/.exec(stat)?.[1]?.trim().split(/\s+/).map(Number);
  if (numbers === undefined || numbers.length < 5) return null;
  // guest times (from the ninth on) stand in user already.
  const all = numbers.slice(0, 8).reduce((sum, ticks) => sum + ticks, 0);
  const idle = (numbers[3] ?? 0) + (numbers[4] ?? 0);
  return { busy: all - idle, all };
}

/** /proc/meminfo, in bytes. Pure. */
export function parseMemory(meminfo: string): { total: number; used: number } | null {
  const bytes = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(meminfo)?.[1];
    return found === undefined ? null : Number(found) * 1_024;
  };
  const [total, available] = [bytes("MemTotal"), bytes("MemAvailable")];
  return total === null || available === null ? null : { total, used: total - available };
}

/** The whole machine's figures; in a container, /proc/stat and /proc/meminfo still tell of the host. */
export class Machine {
  readonly cpus = cpus().length;
  memory: { total: number; used: number } | null = null;
  /** 0 to 100 over all cores. */
  cpuPercent: number | null = null;
  #before: CpuTimes | null = null;

  async run(clock: Clock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#sample();
      await clock.sleep(SAMPLE_EVERY_MS, signal);
    }
  }

  async #sample(): Promise<void> {
    const [stat, meminfo] = await Promise.all([text("/proc/stat"), text("/proc/meminfo")]);
    this.memory = parseMemory(meminfo);
    const now = parseCpuTimes(stat);
    const before = this.#before;
    if (now !== null && before !== null && now.all > before.all) {
      this.cpuPercent = ((now.busy - before.busy) / (now.all - before.all)) * 100;
    }
    this.#before = now;
  }
}

/** This host's own addresses, without loopback and Docker's bridges. */
export function ownAddresses(): string[] {
  return Object.entries(networkInterfaces())
    .filter(([name]) => !/^(lo|docker|br-|veth)/.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .map((address) => address.address);
}

const text = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
