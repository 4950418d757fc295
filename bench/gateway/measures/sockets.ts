import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { until } from "../../../e2e/harness/wait.ts";
import { type Lab, messageOf } from "../lab.ts";
import { CORE, residentBytes, sleep } from "../machine.ts";
import { pairs } from "../pairs.ts";
import type { Ask } from "../programs/socket-clients.ts";
import type { Row } from "../report.ts";

const PAIRS = 5;
const IDLE = 10_000;
const AUDIENCE = 10_000;
const SETTLE_MS = 1_000;
const FRAME_BYTES = 200;
const TOKEN = "a-client-token-of-the-benchmark";

interface Side {
  readonly port: number;
  readonly pid: number;
  readonly path: string;
  end(): Promise<unknown>;
}

/** Open WebSockets against a bare `ws` server: what an idle one takes, and how long telling all of them blocks. */
export async function sockets(open: () => Promise<Lab>): Promise<Row[]> {
  const lab = await open();
  const clients = (await lab.program("socket-clients.ts", [], CORE.load)).process;
  let fleets = 0;
  const gateway = async (): Promise<Side> => {
    const fleet = `fleet-${++fleets}`;
    await lab.writeFleet(fleet, "gw-1");
    const one = await lab.gateway("gw-1", fleet, { clients: { token: TOKEN } });
    await lab.active(one);
    return {
      port: one.port,
      pid: one.process.pid!,
      path: "/ws?session=s{n}",
      end: () => one.end(),
    };
  };
  const bare = async (): Promise<Side & { process: ChildProcess }> => {
    const { process, hello } = await lab.program<{ port: number }>(
      "bare-sockets.ts",
      [],
      CORE.server,
    );
    const end = async () => {
      process.kill("SIGKILL");
      await once(process, "exit");
    };
    return { port: hello.port, pid: process.pid!, path: "/", end, process };
  };

  const perIdle = async (start: () => Promise<Side>) => {
    const side = await start();
    await sleep(SETTLE_MS);
    const before = residentBytes(side.pid);
    await ask(clients, { open: IDLE, port: side.port, path: side.path, token: TOKEN });
    await sleep(SETTLE_MS);
    const bytes = (residentBytes(side.pid) - before) / IDLE;
    await ask(clients, { close: true });
    await side.end();
    return bytes;
  };
  const memory = await pairs(
    PAIRS,
    () => perIdle(bare),
    () => perIdle(gateway),
  );

  const unsliced = await bare();
  const hub = await gateway();
  const open10k = (side: Side, path: string) =>
    ask(clients, { open: AUDIENCE, port: side.port, path, token: TOKEN });
  await open10k(unsliced, "/");
  const blocksBare: number[] = [];
  for (let n = 0; n < PAIRS; n++) {
    blocksBare.push(
      await longestBlock(unsliced.port, async () => {
        await ask(clients, { listen: true }, () => unsliced.process.send(FRAME_BYTES));
      }),
    );
  }
  await ask(clients, { close: true });
  await open10k(hub, "/ws?session=everybody");
  const blocksHub: number[] = [];
  for (let n = 0; n < PAIRS; n++) {
    const say = JSON.stringify({ type: "message", id: `m${n}`, text: "x".repeat(FRAME_BYTES) });
    blocksHub.push(await longestBlock(hub.port, () => ask(clients, { say })));
  }
  await ask(clients, { close: true });

  const range = (values: number[]) =>
    `${Math.min(...values).toFixed(0)} … ${Math.max(...values).toFixed(0)}`;
  return [
    {
      measure: "sockets",
      what: `resident memory per idle WebSocket (${IDLE}) against bare ws`,
      unit: "×",
      values: memory.map((pair) => pair.variant / pair.baseline),
      target: { kind: "at most", value: 1.5 },
      note: `bytes each: bare ${range(memory.map((m) => m.baseline))}, gateway ${range(memory.map((m) => m.variant))}`,
    },
    {
      measure: "sockets",
      what: `telling ${AUDIENCE} sockets: longest block against an unsliced loop`,
      unit: "×",
      values: blocksHub.map((ms, n) => ms / blocksBare[n]!),
      target: { kind: "at most", value: 0.1 },
      note: `ms, as another connection sees it: bare ${range(blocksBare)}, gateway ${range(blocksHub)}`,
    },
  ];
}

/** One request and its answer; `listening` is called once the clients are ready to hear. */
async function ask(clients: ChildProcess, what: Ask, listening = () => {}): Promise<void> {
  clients.send(what);
  for (;;) {
    if ((await messageOf<string>(clients)) === "done") return;
    listening();
  }
}

/** The slowest answer to `GET /healthz`, asked without a pause on one connection, while `work` goes on. */
async function longestBlock(port: number, work: () => Promise<void>): Promise<number> {
  const health = async () => {
    const startedMs = performance.now();
    await (await fetch(`http://127.0.0.1:${port}/healthz`)).text();
    return performance.now() - startedMs;
  };
  await until("a quiet moment", async () => (await health()) < 20);
  let over = false;
  let longest = 0;
  const probing = (async () => {
    while (!over) longest = Math.max(longest, await health());
  })();
  await work();
  over = true;
  await probing;
  return longest;
}
