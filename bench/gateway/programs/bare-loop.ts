import { createSecretKey, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { commandConnection } from "../../../apps/gateway/src/redis/redis-connection.ts";
import type { RedisSettings } from "../../../apps/gateway/src/settings.ts";
import { signature } from "../signing.ts";

/**
 * The baseline: what a webhook costs at least, without a gateway around it. node:http, the body, one HMAC with a
 * cached key, JSON.parse, one EVALSHA (dedupe + XADD) per request, 200 after Redis answered.
 * Arguments: Redis' port, the webhook secret.
 */
const [redisPort, secret] = process.argv.slice(2) as [string, string];

const DEDUPE_AND_ADD = `
if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000000, '*', 'session', ARGV[2], 'event', ARGV[3], 'text', ARGV[4])
  return 1
end
return 0`;

const redis = commandConnection(
  { host: "127.0.0.1", port: Number(redisPort), db: 0, tls: false } as RedisSettings,
  "bare",
);
await redis.connect();
const sha = (await redis.script("LOAD", DEDUPE_AND_ADD)) as string;
const key = createSecretKey(Buffer.from(secret.replace(/^whsec_/, ""), "base64"));

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  const answer = (status: number, body: object) => {
    const text = JSON.stringify(body);
    response.writeHead(status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
    });
    response.end(text);
  };
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", async () => {
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    const id = String(request.headers["webhook-id"]);
    const timestamp = String(request.headers["webhook-timestamp"]);
    const offered = Buffer.from(String(request.headers["webhook-signature"]).slice(3), "latin1");
    const expected = Buffer.from(signature(key, id, timestamp, body), "latin1");
    const late = Math.abs(Number(timestamp) * 1_000 - Date.now()) > 300_000;
    if (late || offered.length !== expected.length || !timingSafeEqual(offered, expected)) {
      return answer(401, {});
    }
    const { session, text } = JSON.parse(body.toString()) as { session: string; text: string };
    try {
      const fresh = await redis.evalsha(
        sha,
        2,
        `bare:dedupe:${session}:${id}`,
        "bare:inbox",
        600_000,
        session,
        id,
        text,
      );
      answer(200, { status: fresh === 1 ? "accepted" : "duplicate", id });
    } catch {
      answer(503, {});
    }
  });
});
server.keepAliveTimeout = 75_000;
server.listen(0, "127.0.0.1", () =>
  process.send!({ port: (server.address() as AddressInfo).port }),
);
process.on("disconnect", () => process.exit(0));
