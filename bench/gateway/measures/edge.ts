import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { renderNginx } from "@chela/shared/edge/nginx";
import { edgeInputSchema } from "@chela/shared/edge/schema";
import { freePort } from "../../../apps/gateway/src/testing/gateway-process.ts";
import { until } from "../../../e2e/harness/wait.ts";
import { ensurePackages, whereIs } from "../../../scripts/machine/debian-packages.ts";
import { holdIdle } from "../idle-holder.ts";
import type { Lab } from "../lab.ts";
import { Load } from "../load-client.ts";
import { pairs } from "../pairs.ts";
import type { Row } from "../report.ts";

const PAIRS = 7;
const SECONDS = 1;

/** Accepting through nginx, configured as an agent would for this one gateway. */
export async function edge(open: () => Promise<Lab>): Promise<Row[]> {
  const installed = await ensurePackages({ "nginx-light": "nginx" });
  if (installed.length > 0) console.log(`(installed for this measure: ${installed.join(", ")})`);
  const lab = await open();
  const load = await Load.start(lab);
  await lab.writeFleet("standby", "holder");
  await holdIdle(lab, "standby", "holder");
  const gateway = await lab.gateway("gw-1", "standby");
  const pid = gateway.process.pid!;
  const port = await startNginx(lab, gateway.port);

  const window = async (to: number, seconds = SECONDS) => {
    const found = await load.window({ port: to, pid }, seconds);
    await lab.emptyInboxes("standby");
    return found;
  };
  for (const to of [gateway.port, port]) await window(to, 1.5);
  const found = await pairs(
    PAIRS,
    () => window(gateway.port),
    () => window(port),
  );
  return [
    {
      measure: "edge",
      what: "accepted webhooks/s through nginx against straight to the gateway",
      unit: "×",
      values: found.map((pair) => pair.variant.perSecond / pair.baseline.perSecond),
      target: { kind: "at least", value: 0.6 },
    },
  ];
}

async function startNginx(lab: Lab, upstreamPort: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "chela-nginx-"));
  lab.onClose(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const upstream = { gateway: "gw-1", address: ownAddress(), port: upstreamPort, weight: 1 };
  const input = edgeInputSchema.parse({
    port,
    tls: null,
    upstreams: [{ ...upstream, backup: false }],
  });
  // Its own folder for what a container has to itself.
  const text = renderNginx(input)
    .replaceAll("/tmp/chela-", `${folder}/`)
    .replace(/^pid .*$/m, `pid ${folder}/pid;`);
  const file = join(folder, "nginx.conf");
  writeFileSync(file, text);
  const program = (await whereIs("nginx")) ?? "nginx";
  const nginx: ChildProcess = spawn(program, ["-c", file, "-g", "daemon off;"], {
    stdio: "ignore",
  });
  lab.onClose(async () => {
    if (nginx.exitCode !== null) return;
    nginx.kill("SIGTERM");
    await once(nginx, "exit");
  });
  await until("nginx", async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
  return port;
}

/** Upstreams are a host's own address, never loopback. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const found = all.find(({ family, internal }) => family === "IPv4" && !internal);
  if (found === undefined) throw new Error("This machine has no IPv4 address but loopback.");
  return found.address;
}
