import { WEBHOOK_SECRET } from "../../../apps/gateway/src/testing/gateway-process.ts";
import { holdIdle } from "../idle-holder.ts";
import type { Lab } from "../lab.ts";
import { Load, type Target } from "../load-client.ts";
import { CORE } from "../machine.ts";
import { pairs } from "../pairs.ts";
import type { Row } from "../report.ts";

const PAIRS = 7;
const SECONDS = 1;

/** Webhooks that were sent before, at a standby. */
export async function duplicates(open: () => Promise<Lab>): Promise<Row[]> {
  const lab = await open();
  const load = await Load.start(lab);
  await lab.writeFleet("standby", "holder");
  await holdIdle(lab, "standby", "holder");
  const gateway = await lab.gateway("gw-1", "standby");
  const ours: Target = { port: gateway.port, pid: gateway.process.pid! };
  const { process, hello } = await lab.program<{ port: number }>(
    "bare-loop.ts",
    [String(lab.redis.port), WEBHOOK_SECRET],
    CORE.server,
  );
  const bare: Target = { port: hello.port, pid: process.pid! };

  const window = async (target: Target, duplicatePercent: number, seconds = SECONDS) => {
    // The repeated ids are the same throughout; the first window makes them known.
    const tag = `${duplicatePercent === 0 ? "new" : "seen"}-${Math.random()}`;
    const found = await load.window(target, seconds, {
      duplicatePercent,
      tag: duplicatePercent === 0 ? tag : "seen",
    });
    await lab.emptyInboxes("standby");
    return found;
  };
  for (const target of [ours, bare]) await window(target, 100, 1.5);
  await window(ours, 0, 1.5);

  const half = await pairs(
    PAIRS,
    () => window(ours, 0),
    () => window(ours, 50),
  );
  const all = await pairs(
    PAIRS,
    () => window(bare, 100),
    () => window(ours, 100),
  );
  const row = { measure: "duplicates", unit: "×" } as const;
  return [
    {
      ...row,
      what: "webhooks/s with 50 % duplicates against none",
      values: half.map((pair) => pair.variant.perSecond / pair.baseline.perSecond),
      target: { kind: "at least", value: 1 },
    },
    {
      ...row,
      what: "Redis' CPU per webhook with 50 % duplicates against none",
      values: half.map((pair) => pair.variant.redisUs / pair.baseline.redisUs),
      target: null,
    },
    {
      ...row,
      what: "duplicates/s against the bare loop's",
      values: all.map((pair) => pair.variant.perSecond / pair.baseline.perSecond),
      target: null,
    },
    {
      ...row,
      unit: "/s",
      what: "duplicates/s here and now",
      values: all.map((pair) => pair.variant.perSecond),
      target: null,
    },
  ];
}
