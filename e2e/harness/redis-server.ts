import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash; the data stay. */
  kill(): Promise<void>;
  /** SIGSTOP: its connections stand, nothing answers. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Starts it again on the same port with the same data (kills it first where it runs). */
  restart(): Promise<void>;
}

/**
 * A real redis-server of its own: loopback, a free port, a temporary folder, append-only file synced at every
 * write, as Chela runs it. `options`: further settings of redis.conf. Needs the `redis-server` binary.
 */
export async function startRedis(options: Record<string, string> = {}): Promise<TestRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "chela-redis-"));
  const settings = {
    bind: "127.0.0.1",
    port: String(port),
    dir: folder,
    appendonly: "yes",
    appendfsync: "always",
    save: "",
    "maxmemory-policy": "noeviction",
    ...options,
  };
  let child: ChildProcess | null = null;

  async function start() {
    const started = spawn(
      "redis-server",
      Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    child = started;
    let output = "";
    started.stdout.on("data", (data) => {
      output += data;
    });
    let failed: Error | null = null;
    started.once("error", (error) => {
      failed = error;
    });
    while (!(await answers(port, options["requirepass"]))) {
      if (failed !== null) throw failed;
      if (started.exitCode !== null) throw new Error(`redis-server ended: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  async function kill() {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    running.kill("SIGKILL");
    await once(running, "exit");
  }

  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    pause: () => child?.kill("SIGSTOP"),
    resume: () => child?.kill("SIGCONT"),
    async restart() {
      await kill();
      await start();
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** It answers PING and has its data loaded; with `password`, after AUTH. */
function answers(port: number, password: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(500, () => end(false));
    socket.once("error", () => end(false));
    let reply = "";
    socket.on("data", (data) => {
      reply += data;
      if (reply.includes("+PONG")) end(true);
      else if (/-(LOADING|WRONGPASS|ERR)/.test(reply)) end(false);
    });
    if (password !== undefined) socket.write(`AUTH ${password}\r\n`);
    socket.write("PING\r\n");
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null
          ? resolve(address.port)
          : reject(new Error("no port")),
      );
    });
  });
}
