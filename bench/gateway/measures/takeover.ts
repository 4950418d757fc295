import { shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import { waitingConnection } from "../../../apps/gateway/src/redis/redis-connection.ts";
import { until } from "../../../e2e/harness/wait.ts";
import { holdIdle } from "../idle-holder.ts";
import { type Lab, SHARDS } from "../lab.ts";
import type { Row } from "../report.ts";

const REPEATS_IDLE = 5;
const REPEATS_PENDING = 3;
const PENDING = 10_000;
/** So that there is something to do side by side. */
const USERS_PER_SHARD = 10;

interface Takeover {
  readonly firstMs: number;
  readonly everyShardMs: number;
  readonly allMs: number;
}

/** A standby takes over all shards the moment their leases are free. */
export async function takeover(open: () => Promise<Lab>): Promise<Row[]> {
  const lab = await open();
  const idle: Takeover[] = [];
  const pending: Takeover[] = [];
  for (let n = 0; n < REPEATS_IDLE; n++) idle.push(await once(lab, `idle-${n}`, SHARDS));
  for (let n = 0; n < REPEATS_PENDING; n++) {
    pending.push(await once(lab, `pending-${n}`, PENDING));
  }
  const row = { measure: "takeover", unit: " ms" } as const;
  return [
    {
      ...row,
      what: "16 idle shards: lease free → first commit",
      values: idle.map((t) => t.firstMs),
      target: { kind: "at most", value: 50 },
    },
    {
      ...row,
      what: "16 idle shards: lease free → a commit in each shard",
      values: idle.map((t) => t.everyShardMs),
      target: null,
    },
    {
      ...row,
      what: `${PENDING} entries pending: lease free → first commit`,
      values: pending.map((t) => t.firstMs),
      target: null,
    },
    {
      ...row,
      what: `${PENDING} entries pending: lease free → all committed`,
      values: pending.map((t) => t.allMs),
      target: null,
    },
  ];
}

/** `events` wait, spread evenly over the shards; the holder dies; from the release on it is measured. */
async function once(lab: Lab, fleet: string, events: number): Promise<Takeover> {
  await lab.writeFleet(fleet, "holder");
  const holder = await holdIdle(lab, fleet, "holder");
  const gateway = await lab.gateway("gw-1", fleet);
  const sessions = sessionsPerShard();
  for (let from = 0; from < events; from += 1_000) {
    const batch = lab.connection.pipeline();
    for (let n = from; n < Math.min(from + 1_000, events); n++) {
      const { inbox } = shardKeys("openclaw:", fleet, n % SHARDS);
      const session = sessions[n % SHARDS]![Math.floor(n / SHARDS) % USERS_PER_SHARD]!;
      const fields = { channel: "generic", session, event: `e${n}`, text: "x".repeat(200) };
      batch.xadd(inbox, "*", ...Object.entries(fields).flat(), "reply", "", "gateway", "gw-1");
    }
    await batch.exec();
  }
  const watcher = waitingConnection(lab.settings, "watcher");
  lab.onClose(() => watcher.disconnect());
  await watcher.connect();
  const missing = new Set(
    sessions.map(([session], shard) => shardKeys("openclaw:", fleet, shard).history(session!)),
  );
  holder.die();
  const releasedMs = performance.now();
  await holder.release();
  let firstMs = Number.NaN;
  while (missing.size > 0) {
    const keys = [...missing];
    const streams = (await watcher.xread(
      "COUNT",
      1,
      "BLOCK",
      10_000,
      "STREAMS",
      ...keys,
      ...keys.map(() => "0-0"),
    )) as [string, unknown][] | null;
    if (streams === null) throw new Error("No commit within 10 s of the release.");
    if (Number.isNaN(firstMs)) firstMs = performance.now() - releasedMs;
    for (const [key] of streams) missing.delete(key);
  }
  const everyShardMs = performance.now() - releasedMs;
  await until("empty inboxes", async () => (await lab.pending(fleet)) === 0, { everyMs: 2 });
  const allMs = performance.now() - releasedMs;
  watcher.disconnect();
  await gateway.end();
  return { firstMs, everyShardMs, allMs };
}

/** For each shard some session keys that belong to it. */
function sessionsPerShard(): string[][] {
  const found: string[][] = Array.from({ length: SHARDS }, () => []);
  for (let n = 0; found.some((keys) => keys.length < USERS_PER_SHARD); n++) {
    const key = `generic:user-${n}`;
    const keys = found[shardOf(key, SHARDS)]!;
    if (keys.length < USERS_PER_SHARD) keys.push(key);
  }
  return found;
}
