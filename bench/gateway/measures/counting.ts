import { shardKeys } from "@chela/shared/keys/keys";
import { type Lab, SHARDS } from "../lab.ts";
import { Load } from "../load-client.ts";
import { pairs } from "../pairs.ts";
import type { Row } from "../report.ts";

const PAIRS = 7;
const COUNTS_PER_WINDOW = 300;
const MEMBERS_PER_CALL = 1_000;
/** What would walk through keys instead of counting what is kept. */
const WALKS = ["keys", "scan", "hscan", "sscan", "zscan"];

/** Counting a fleet's live sessions, as the gateway's sampler does it; and that nothing is ever walked through. */
export async function counting(open: () => Promise<Lab>): Promise<Row[]> {
  const lab = await open();
  const { connection } = lab;
  await fill(lab, "hundred-thousand", 100_000);
  await fill(lab, "million", 1_000_000);
  const count = async (fleet: string) => {
    const startedMs = performance.now();
    let sum = 0;
    for (let n = 0; n < COUNTS_PER_WINDOW; n++) {
      const batch = connection.pipeline();
      for (const key of sessionsKeys(fleet)) batch.zcount(key, Date.now(), "+inf");
      sum = (await batch.exec())!.reduce((all, [, value]) => all + Number(value), 0);
    }
    return { us: ((performance.now() - startedMs) * 1_000) / COUNTS_PER_WINDOW, sum };
  };
  const found = await pairs(
    PAIRS,
    () => count("hundred-thousand"),
    () => count("million"),
  );
  for (const { baseline, variant } of found) {
    if (baseline.sum !== 100_000 || variant.sum !== 1_000_000) throw new Error("Counted wrong.");
  }

  await lab.writeFleet("million", "gw-1");
  await connection.config("RESETSTAT");
  const gateway = await lab.gateway("gw-1", "million");
  await lab.active(gateway);
  const load = await Load.start(lab);
  await load.window({ port: gateway.port, pid: gateway.process.pid! }, 3);
  await fetch(`http://127.0.0.1:${gateway.port}/metrics`);
  const stats = await connection.info("commandstats");
  const walks = WALKS.filter((name) => new RegExp(`^cmdstat_${name}:`, "m").test(stats));

  return [
    {
      measure: "counting",
      what: "counting a million sessions against a hundred thousand",
      unit: "×",
      values: found.map((pair) => pair.variant.us / pair.baseline.us),
      target: { kind: "at most", value: 2 },
    },
    {
      measure: "counting",
      what: "the million, all 16 shards",
      unit: " µs",
      values: found.map((pair) => pair.variant.us),
      target: null,
    },
    {
      measure: "counting",
      what: "commands that walk through keys, in a run under load",
      note: `looked for: ${WALKS.join(", ")}`,
      unit: "",
      values: [walks.length],
      target: { kind: "at most", value: 0 },
    },
  ];
}

const sessionsKeys = (fleet: string) =>
  Array.from({ length: SHARDS }, (_, shard) => shardKeys("openclaw:", fleet, shard).sessions);

async function fill(lab: Lab, fleet: string, sessions: number): Promise<void> {
  const keys = sessionsKeys(fleet);
  const expiry = Date.now() + 86_400_000;
  const perShard = sessions / SHARDS;
  for (const [shard, key] of keys.entries()) {
    for (let from = 0; from < perShard; from += MEMBERS_PER_CALL) {
      const members: (string | number)[] = [];
      for (let n = from; n < Math.min(from + MEMBERS_PER_CALL, perShard); n++) {
        members.push(expiry + ((n * 7_919) % 86_400_000), `generic:user-${shard}-${n}`);
      }
      await lab.connection.zadd(key, ...members);
    }
  }
}
