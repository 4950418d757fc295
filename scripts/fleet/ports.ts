import { createServer } from "node:net";
import { docker } from "../machine/engine.ts";
import { attempt } from "../run/command.ts";
import { Problem } from "../run/problem.ts";

export interface WantedPort {
  port: number;
  address: string;
  /** Variable that changes it. */
  variable: string;
  /** What it is for. */
  purpose: string;
  /** The container that shall have it: where that runs already, the port is rightly taken. */
  container: string;
}

/** @throws Problem naming every port that somebody else has, by whom, and what changes it. */
export async function requireFree(wanted: readonly WantedPort[]): Promise<void> {
  const running = new Set((await docker(["ps", "--format", "{{.Names}}"])).split("\n"));
  const taken: string[] = [];
  for (const want of wanted) {
    if (running.has(want.container) || (await isFree(want.port, want.address))) continue;
    taken.push(
      `Port ${want.port} (${want.purpose}, ${want.variable}) is taken by ${await whoHas(want.port)}.`,
    );
  }
  if (taken.length === 0) return;
  const variables = wanted.filter((w) => taken.some((t) => t.includes(w.variable)));
  throw new Problem(
    taken.join(" "),
    `Stop what has it, or choose another: ${variables.map((w) => `${w.variable}=${w.port + 1}`).join(" ")} bin/up`,
  );
}

/** The first free port from `start`. @throws Problem where a hundred in a row are taken. */
export async function firstFree(start: number, address: string): Promise<number> {
  for (let port = start; port < start + 100; port++) if (await isFree(port, address)) return port;
  throw new Problem(
    `No free port for Redis between ${start} and ${start + 99}.`,
    "Choose one: CHELA_REDIS_PORT=… bin/up",
  );
}

function isFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      // Ports below 1024 may be refused to a plain user and still be free.
      resolve(error.code === "EACCES");
    });
    server.listen({ port, host: address, exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}

async function whoHas(port: number): Promise<string> {
  const containers = await docker(["ps", "--filter", `publish=${port}`, "--format", "{{.Names}}"]);
  if (containers !== "") return `container ${containers.split("\n").join(", ")}`;
  const sockets = await attempt("ss", ["-Hltnp", `sport = :${port}`]);
  const process = /\(\("([^"]+)",pid=(\d+)/.exec(sockets.stdout);
  return process === null ? "another process" : `process ${process[1]} (pid ${process[2]})`;
}
