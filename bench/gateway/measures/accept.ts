import { WEBHOOK_SECRET } from "../../../apps/gateway/src/testing/gateway-process.ts";
import { holdIdle } from "../idle-holder.ts";
import type { Lab } from "../lab.ts";
import { Load, type Target, type Window } from "../load-client.ts";
import { CORE } from "../machine.ts";
import { pairs } from "../pairs.ts";
import type { Row } from "../report.ts";

const PAIRS = 9;
const PAIRS_OF_THE_WHOLE = 5;
const SECONDS = 1;
const WARM_UP_SECONDS = 3;

/** Accepting signed webhooks of 1 KiB over 64 connections, against the bare loop. */
export async function accept(open: () => Promise<Lab>): Promise<Row[]> {
  const lab = await open();
  const { process, hello } = await lab.program<{ port: number }>(
    "bare-loop.ts",
    [String(lab.redis.port), WEBHOOK_SECRET],
    CORE.server,
  );
  const bare: Target = { port: hello.port, pid: process.pid! };
  const load = await Load.start(lab);

  // A standby: the leases are held by nobody who processes.
  await lab.writeFleet("standby", "holder");
  await holdIdle(lab, "standby", "holder");
  const standby = await lab.gateway("gw-1", "standby");
  // The whole: it accepts, and processes what it accepts.
  await lab.writeFleet("whole", "gw-2");
  const whole = await lab.gateway("gw-2", "whole");
  await lab.active(whole);

  const targets: Record<string, Target> = {
    bare,
    standby: { port: standby.port, pid: standby.process.pid! },
    whole: { port: whole.port, pid: whole.process.pid! },
  };
  const window = async (name: string, seconds = SECONDS): Promise<Window> => {
    const found = await load.window(targets[name]!, seconds);
    await lab.emptyInboxes("standby");
    return found;
  };
  for (const name of Object.keys(targets)) await window(name, WARM_UP_SECONDS);
  const accepted = await pairs(
    PAIRS,
    () => window("bare"),
    () => window("standby"),
  );
  const ratios = (read: (window: Window) => number, found = accepted) =>
    found.map((pair) => read(pair.variant) / read(pair.baseline));

  // What was accepted is being processed as fast as it goes; the backlog shows that accepting goes first.
  const processed = await pairs(
    PAIRS_OF_THE_WHOLE,
    () => window("bare"),
    () => window("whole"),
  );
  const row = { measure: "accept", unit: "×" } as const;
  const us = (read: (window: Window) => number, side: "baseline" | "variant") =>
    accepted.map((pair) => read(pair[side]));
  return [
    {
      ...row,
      what: "accepted webhooks/s, a standby against the bare loop",
      values: ratios((w) => w.perSecond),
      target: { kind: "at least", value: 1 },
    },
    {
      ...row,
      what: "its CPU per webhook against the bare loop's",
      values: ratios((w) => w.serverUs),
      target: { kind: "at most", value: 1 },
      note: spread(
        "CPU µs per webhook",
        us((w) => w.serverUs, "baseline"),
        us((w) => w.serverUs, "variant"),
      ),
    },
    {
      ...row,
      what: "Redis' CPU per webhook against the bare loop's",
      values: ratios((w) => w.redisUs),
      target: { kind: "at most", value: 0.65 },
      note: spread(
        "Redis CPU µs per webhook",
        us((w) => w.redisUs, "baseline"),
        us((w) => w.redisUs, "variant"),
      ),
    },
    { ...row, what: "p99 against the bare loop's", values: ratios((w) => w.p99Ms), target: null },
    {
      ...row,
      what: "accepted webhooks/s, an active gateway that also processes them",
      values: ratios((w) => w.perSecond, processed),
      target: null,
    },
  ];
}

function spread(what: string, bare: number[], ours: number[]): string {
  const range = (values: number[]) =>
    `${Math.min(...values).toFixed(1)} … ${Math.max(...values).toFixed(1)}`;
  return `${what}: bare ${range(bare)}, gateway ${range(ours)}`;
}
