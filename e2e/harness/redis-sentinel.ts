import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./redis-server.ts";

/** As long as a loaded machine may make a healthy Redis wait, or Sentinel fails over for nothing. */
const DOWN_AFTER_MS = 2_000;
const FAILOVER_TIMEOUT_MS = 6_000;

export interface TestSentinel {
  readonly port: number;
  stop(): Promise<void>;
}

/** A real Sentinel on loopback; two of them must agree. Debian's redis-sentinel is redis-server by another name. */
export async function startSentinel(name: string, primaryPort: number): Promise<TestSentinel> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "chela-sentinel-"));
  const file = join(folder, "sentinel.conf");
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    `sentinel monitor ${name} 127.0.0.1 ${primaryPort} 2`,
    `sentinel down-after-milliseconds ${name} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${name} ${FAILOVER_TIMEOUT_MS}`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  const child: ChildProcess = spawn("redis-server", [file, "--sentinel"], { stdio: "ignore" });
  return {
    port,
    async stop() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
