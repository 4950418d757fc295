import { Agent, request } from "node:http";
import { shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import { waitingConnection } from "../../../apps/gateway/src/redis/redis-connection.ts";
import { WEBHOOK_SECRET } from "../../../apps/gateway/src/testing/gateway-process.ts";
import { signWebhook } from "../../../scripts/fleet/signed-webhook.ts";
import { type Connection, type Lab, SHARDS } from "../lab.ts";
import { CORE } from "../machine.ts";
import { pairs } from "../pairs.ts";
import { median, type Row } from "../report.ts";

const PAIRS = 7;
const TURNS_PER_WINDOW = 200;

/** A webhook sent to its answer committed, one at a time, with the echo assistant. */
export async function turn(open: () => Promise<Lab>): Promise<Row[]> {
  const lab = await open();
  const watcher = waitingConnection(lab.settings, "watcher");
  lab.onClose(() => watcher.disconnect());
  await watcher.connect();
  const { hello: bare } = await lab.program<{ port: number }>(
    "bare-turn.ts",
    [String(lab.redis.port), WEBHOOK_SECRET],
    CORE.server,
  );
  await lab.writeFleet("fleet", "gw-1");
  const gateway = await lab.gateway("gw-1", "fleet");
  await lab.active(gateway);
  const session = "generic:alice";
  const history = shardKeys("openclaw:", "fleet", shardOf(session, SHARDS)).history(session);

  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  lab.onClose(() => agent.destroy());
  const window = (port: number, stream: string) => turns(agent, port, watcher, stream);
  await window(bare.port, "bare:history");
  await window(gateway.port, history);
  const found = await pairs(
    PAIRS,
    () => window(bare.port, "bare:history"),
    () => window(gateway.port, history),
  );
  const row = { measure: "turn", target: null } as const;
  const p = (share: number, side: "baseline" | "variant") =>
    found.map((pair) => pair[side][Math.floor(TURNS_PER_WINDOW * share)]!);
  return [
    ...[0.5, 0.99].map((share) => ({
      ...row,
      unit: "×",
      what: `webhook in → answer committed, p${share * 100} against the bare calls`,
      values: found.map(({ baseline, variant }) => {
        const at = Math.floor(TURNS_PER_WINDOW * share);
        return variant[at]! / baseline[at]!;
      }),
      note: `bare ${median(p(share, "baseline")).toFixed(2)} ms, gateway ${median(p(share, "variant")).toFixed(2)} ms`,
    })),
  ];
}

/** Milliseconds of each turn, sorted. */
async function turns(
  agent: Agent,
  port: number,
  watcher: Connection,
  stream: string,
): Promise<number[]> {
  const took: number[] = [];
  const newest = await watcher.xrevrange(stream, "+", "-", "COUNT", 1);
  let cursor = newest[0]?.[0] ?? "0-0";
  for (let n = 0; n < TURNS_PER_WINDOW; n++) {
    const seen = watcher.xread("BLOCK", 10_000, "STREAMS", stream, cursor) as Promise<
      [string, [string, string[]][]][] | null
    >;
    const id = `turn-${Math.random()}`;
    const { headers, body } = signWebhook(WEBHOOK_SECRET, id, { session: "alice", text: "hello" });
    const startedMs = performance.now();
    const answered = post(agent, port, headers, body);
    const entries = (await seen)?.[0]?.[1];
    if (entries === undefined) throw new Error("A turn was not committed within 10 s.");
    took.push(performance.now() - startedMs);
    // Question and answer come in one script, and so in one reading.
    cursor = entries.at(-1)![0];
    await answered;
  }
  return took.sort((a, b) => a - b);
}

function post(
  agent: Agent,
  port: number,
  headers: Record<string, string>,
  body: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { agent, port, host: "127.0.0.1", method: "POST", path: "/webhooks/generic", headers },
      (response) => {
        response.resume();
        response.on("end", () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`)),
        );
      },
    );
    sent.on("error", reject);
    sent.setHeader("content-length", Buffer.byteLength(body));
    sent.end(body);
  });
}
