import { join } from "node:path";
import { systemClock } from "@chela/shared/clock/system-clock";
import { pino } from "pino";
import { createAgent } from "./agent.ts";
import { loadConfig } from "./config.ts";
import { dockerodeEngine } from "./docker/dockerode-engine.ts";
import { guardEngine } from "./docker/guarded-engine.ts";
import { timeEngine } from "./docker/timed-engine.ts";
import { AgentMetrics } from "./figures/metrics.ts";
import { Host } from "./host/host.ts";
import { Images } from "./image/images.ts";
import { ConsoleTransfer } from "./image/transfer.ts";
import { consoleOrigin, hostSecret } from "./link/join.ts";
import { runLink } from "./link/link.ts";
import { routerOn } from "./link/serve.ts";
import { HostConfigurationFile } from "./state/host-configuration.ts";
import { Journal } from "./state/journal.ts";

const JOIN_RETRY_MS = 1_000;

const loaded = loadConfig();
if (!loaded.ok) {
  for (const fault of loaded.faults) process.stderr.write(`${fault}\n`);
  process.exit(1);
}
const config = loaded.config;
const log = pino({ name: "agent", level: config.logLevel, base: { host: config.host } });
const stopping = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => stopping.abort());
}

const secret = await joined();
if (secret !== null) await main(secret);

async function main(hostSecret: string): Promise<void> {
  const metrics = new AgentMetrics();
  const docker = timeEngine(
    dockerodeEngine(config.dockerSocket),
    () => systemClock.monotonicMs(),
    (call, ms) => metrics.engine(call, ms),
  );
  const engine = guardEngine(docker, config.fleet);
  const configuration = await HostConfigurationFile.open(join(config.dataFolder, "host.json"));
  const host = new Host({
    fleet: config.fleet,
    host: config.host,
    agentVersion: config.agentVersion,
    consoleHost: config.consoleUrl.hostname,
    address: config.address,
    engine,
    clock: systemClock,
    file: configuration,
  });
  const transfer = new ConsoleTransfer(consoleOrigin(config.consoleUrl), config.host, hostSecret);
  const agent = createAgent({
    fleet: config.fleet,
    engine,
    host,
    images: new Images(engine, transfer),
    journal: await Journal.open(join(config.dataFolder, "journal.json")),
    configuration,
    hostSecret,
    clock: systemClock,
    log,
    metrics,
  });
  const server =
    config.metricsPort === 0
      ? null
      : metrics.listen(config.metricsPort, (error) =>
          log.warn({ error: error.message }, "no /metrics: set CHELA_AGENT_METRICS_PORT"),
        );
  const serve = routerOn(agent.parts, (procedure, error) => {
    metrics.commandErrors.inc({ procedure });
    log.warn({ procedure, error: error.message }, "a command failed");
  });
  await Promise.all([
    agent.run(stopping.signal),
    runLink(
      {
        url: config.consoleUrl,
        hello: {
          protocol: 1,
          fleet: config.fleet,
          host: config.host,
          secret: hostSecret,
          agentVersion: config.agentVersion,
        },
        clock: systemClock,
        log,
        serve,
        connected: (up, localAddress) => {
          metrics.linked.set(up ? 1 : 0);
          if (localAddress !== null) host.linked(localAddress);
        },
      },
      stopping.signal,
    ),
  ]);
  server?.close();
}

/** Waits until this host has a secret; null: told to stop, or the console said a clear no. */
async function joined(): Promise<string | null> {
  let told = "";
  while (!stopping.signal.aborted) {
    const outcome = await hostSecret(config);
    if (outcome.ok) return outcome.secret;
    if (outcome.message !== told) log.warn(outcome.message);
    told = outcome.message;
    if (!outcome.retry) {
      process.exitCode = 1;
      return null;
    }
    await systemClock.sleep(JOIN_RETRY_MS, stopping.signal);
  }
  return null;
}
