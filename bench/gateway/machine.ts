import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Where each side runs, so that they share cores in the same way in every window: server, Redis, load. */
const CORES = availableParallelism();
export const CORE = { server: 0, redis: 1 % CORES, load: Math.min(2, CORES - 1) };

const TICK_US = 10_000;

/** User and system time of a process so far, µs. */
export function cpuUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return 1_024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}

/** Keeps all threads of a process on one core; where that is not allowed, it runs where it likes. */
export function pin(pid: number, core: number): void {
  try {
    execFileSync("taskset", ["-a", "-p", "-c", String(core), String(pid)], { stdio: "ignore" });
  } catch {
    // No taskset here: ratios become noisier, not wrong.
  }
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
