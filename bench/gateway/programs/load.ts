import { createSecretKey } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { LoadJob, LoadResult } from "../load-client.ts";
import { bodiesOf, signature } from "../signing.ts";

/**
 * Sends signed webhooks of 1 KiB over keep-alive connections and waits for each answer; one job after the other, as
 * told by the parent process. Plain sockets: node's HTTP client would cost more than the server that is measured.
 * Argument: the webhook secret.
 */
const key = createSecretKey(Buffer.from(process.argv[2]!.replace(/^whsec_/, ""), "base64"));
const BODIES = bodiesOf(256);
let sent = 0;

async function run(job: LoadJob): Promise<LoadResult> {
  const startedMs = performance.now();
  const endMs = startedMs + job.seconds * 1_000;
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const latencies: number[] = [];
  const outcomes = { accepted: 0, duplicates: 0, failed: 0 };

  const next = (): string => {
    const number = sent++;
    const repeated = number % 100 < job.duplicatePercent;
    // A repeated one names an event of long ago; the same session, so the same event.
    const which = repeated ? number % job.repeatedIds : number;
    const id = repeated ? `seen-${job.tag}-${which}` : `${job.tag}-${number}`;
    const body = BODIES[which % BODIES.length]!;
    return (
      `POST /webhooks/generic HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nwebhook-id: ${id}\r\n` +
      `webhook-timestamp: ${timestamp}\r\nwebhook-signature: v1,${signature(key, id, timestamp, body)}\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body.toString("latin1")}`
    );
  };

  const oneConnection = (): Promise<void> =>
    new Promise((resolve) => {
      const socket: Socket = connect({ port: job.port, host: "127.0.0.1", noDelay: true });
      let sentMs = 0;
      let received = "";
      const more = () => {
        const nowMs = performance.now();
        if (nowMs >= endMs) return socket.end();
        if (job.perSecond === null) return send(nowMs);
        // An even rate: connections take turns, each keeps its own beat whatever the answers took.
        dueMs = Math.max(dueMs + (1_000 * job.connections) / job.perSecond, nowMs - 100);
        setTimeout(() => send(performance.now()), Math.max(0, dueMs - nowMs));
      };
      let dueMs =
        job.perSecond === null
          ? 0
          : startedMs + (Math.random() * 1_000 * job.connections) / job.perSecond;
      const send = (nowMs: number) => {
        sentMs = nowMs;
        socket.write(next(), "latin1");
      };
      socket.on("connect", more);
      socket.on("data", (chunk) => {
        received += chunk.toString("latin1");
        const end = received.indexOf("\r\n\r\n");
        if (end < 0) return;
        const length = Number(/content-length: *(\d+)/i.exec(received)?.[1] ?? 0);
        if (received.length < end + 4 + length) return;
        latencies.push(performance.now() - sentMs);
        if (!received.startsWith("HTTP/1.1 200")) outcomes.failed += 1;
        else if (received.includes('"duplicate"', end)) outcomes.duplicates += 1;
        else outcomes.accepted += 1;
        received = "";
        more();
      });
      socket.on("error", () => {
        outcomes.failed += 1;
      });
      socket.on("close", () => resolve());
    });

  await Promise.all(Array.from({ length: job.connections }, oneConnection));
  const seconds = (performance.now() - startedMs) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { ...outcomes, seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

process.on("message", (job: LoadJob) => {
  void run(job).then((result) => process.send!(result));
});
process.on("disconnect", () => process.exit(0));
process.send!("ready");
