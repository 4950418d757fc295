import { createSecretKey, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  commandConnection,
  waitingConnection,
} from "../../../apps/gateway/src/redis/redis-connection.ts";
import type { RedisSettings } from "../../../apps/gateway/src/settings.ts";
import { signature } from "../signing.ts";

/**
 * The baseline of a turn: the calls to Redis that a webhook and its answer need, one after the other, and nothing
 * else. Store (dedupe + XADD), a blocked XREAD, count the attempt, commit into the history `bare:history`.
 * Arguments: Redis' port, the webhook secret.
 */
const [redisPort, secret] = process.argv.slice(2) as [string, string];
const settings = { host: "127.0.0.1", port: Number(redisPort), db: 0, tls: false } as RedisSettings;

const STORE = `
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', 600000) then return 0 end
redis.call('XADD', KEYS[2], '*', 'session', ARGV[1], 'event', ARGV[2], 'text', ARGV[3])
return 1`;
const BEGIN = `return redis.call('HINCRBY', KEYS[1], ARGV[1], 1)`;
const COMMIT = `
redis.call('XADD', KEYS[1], 'MAXLEN', '~', 20000, '*', 'role', 'user', 'text', ARGV[2])
redis.call('XADD', KEYS[1], '*', 'role', 'assistant', 'text', 'echo: ' .. ARGV[2])
redis.call('XDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('HINCRBY', KEYS[4], 'messages', 2)
redis.call('EXPIRE', KEYS[1], 86400)
redis.call('EXPIRE', KEYS[4], 86400)
redis.call('ZADD', KEYS[5], redis.call('TIME')[1] + 86400, KEYS[4])
return 1`;

const commands = commandConnection(settings, "bare-turn");
const reading = waitingConnection(settings, "bare-turn-reading");
await Promise.all([commands.connect(), reading.connect()]);
const [store, begin, commit] = (await Promise.all(
  [STORE, BEGIN, COMMIT].map((lua) => commands.script("LOAD", lua)),
)) as [string, string, string];
const key = createSecretKey(Buffer.from(secret.replace(/^whsec_/, ""), "base64"));

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", async () => {
    const body = Buffer.concat(chunks);
    const id = String(request.headers["webhook-id"]);
    const timestamp = String(request.headers["webhook-timestamp"]);
    const offered = Buffer.from(String(request.headers["webhook-signature"]).slice(3), "latin1");
    const expected = Buffer.from(signature(key, id, timestamp, body), "latin1");
    if (offered.length !== expected.length || !timingSafeEqual(offered, expected)) {
      response.writeHead(401).end();
      return;
    }
    const { session, text } = JSON.parse(body.toString()) as { session: string; text: string };
    await commands.evalsha(store, 2, `bare:dedupe:${id}`, "bare:inbox", session, id, text);
    response.end(JSON.stringify({ status: "accepted", id }));
  });
});
server.keepAliveTimeout = 75_000;
server.listen(0, "127.0.0.1", () =>
  process.send!({ port: (server.address() as AddressInfo).port }),
);
process.on("disconnect", () => process.exit(0));

let cursor = "0-0";
for (;;) {
  const streams = (await reading.xread("BLOCK", 0, "STREAMS", "bare:inbox", cursor)) as
    | [string, [string, string[]][]][]
    | null;
  for (const [id, fields] of streams?.[0]?.[1] ?? []) {
    cursor = id;
    await commands.evalsha(begin, 1, "bare:attempts", id);
    const keys = ["bare:history", "bare:inbox", "bare:attempts", "bare:session", "bare:sessions"];
    await commands.evalsha(commit, keys.length, ...keys, id, fields[5]!);
  }
}
