import { randomUUID } from "node:crypto";
import { systemClock } from "@chela/shared/clock/system-clock";
import { loadConfig } from "./config.ts";
import { createGateway } from "./gateway.ts";
import { createLog } from "./log.ts";

/** sysexits.h: the configuration is at fault; starting again will not help. */
const EXIT_CONFIGURATION = 78;

const loaded = loadConfig();
if (!loaded.ok) {
  const log = createLog("info", {});
  for (const fault of loaded.faults) {
    log.error({ code: "configuration-faulty", path: fault.path }, `${fault.path} ${fault.message}`);
  }
  const count = loaded.faults.length;
  console.error(
    count === 1
      ? "Chela's gateway does not start: its configuration has the fault above. Correct it and start it again."
      : `Chela's gateway does not start: its configuration has the ${count} faults above. Correct them and start it again.`,
  );
  process.exit(EXIT_CONFIGURATION);
}

const { config, warnings } = loaded;
const incarnation = randomUUID();
const log = createLog(config.logLevel, { fleet: config.fleet, gateway: config.gateway });
for (const warning of warnings)
  log.warn({ path: warning.path }, `${warning.path} ${warning.message}`);

const gateway = createGateway(config, incarnation, systemClock, log);

let stopping = false;
const stop = (signal: string) => {
  if (stopping) {
    log.warn({ signal }, "told twice: ending at once");
    process.exit(1);
  }
  stopping = true;
  log.info({ signal }, "stopping: handing over, then closing");
  gateway.stop().then(
    () => {
      log.info("stopped");
      process.exit(0);
    },
    (error: unknown) => {
      log.error({ err: error }, "could not stop cleanly");
      process.exit(1);
    },
  );
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

try {
  await gateway.start();
  log.info({ incarnation, version: config.version, port: config.port }, "gateway started");
} catch (error) {
  const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
  log.fatal(
    { err: error },
    taken
      ? "A port is taken: end the other process, or set CHELA_PORT and CHELA_ADMIN_PORT."
      : "The gateway could not start.",
  );
  process.exit(1);
}
