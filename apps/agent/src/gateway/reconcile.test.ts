import { describe, expect, test } from "vitest";
import { firstPort, portCandidates } from "./ports.ts";
import { type Attempts, type Observed, reconcile } from "./reconcile.ts";
import { adminToken, configHash } from "./secrets.ts";
import { Turns } from "./turns.ts";

const observed = (more: Partial<Observed> = {}): Observed => ({
  ...{ name: "chela-gw-1", state: "exited", prepared: true, runningForMs: null, ...more },
});
const nobody = () => false;
const none: ReadonlyMap<string, Attempts> = new Map();

describe("reconcile", () => {
  test("a stopped container is started at once, unless an operation holds or works on it", () => {
    expect(reconcile([observed()], nobody, none, 0).start).toEqual(["chela-gw-1"]);
    expect(reconcile([observed()], () => true, none, 0).start).toEqual([]);
  });

  test.each(["running", "paused", "restarting", "removing", "dead"] as const)(
    "a %s container is left alone",
    (state) => expect(reconcile([observed({ state })], nobody, none, 0).start).toEqual([]),
  );

  test("a created one is started when its files are in it, never before", () => {
    const created = observed({ state: "created" });
    expect(reconcile([created], nobody, none, 0).start).toHaveLength(1);
    expect(reconcile([{ ...created, prepared: false }], nobody, none, 0).start).toEqual([]);
  });

  test("one that keeps ending is started ever more rarely, but never given up", () => {
    let attempts = none;
    const startedAt: number[] = [];
    for (let nowMs = 0; nowMs <= 120_000; nowMs += 500) {
      const next = reconcile([observed()], nobody, attempts, nowMs);
      attempts = next.attempts;
      if (next.start.length > 0) startedAt.push(nowMs);
    }
    expect(startedAt).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000]);
  });

  test("one that has lasted is started at once again", () => {
    const failing = new Map([["chela-gw-1", { count: 5, lastMs: 0 }]]);
    const briefly = observed({ state: "running", runningForMs: 2_000 });
    const kept = reconcile([briefly], nobody, failing, 10_000).attempts;
    expect(reconcile([observed()], nobody, kept, 10_001).start).toEqual([]);
    const lasting = observed({ state: "running", runningForMs: 20_000 });
    const cleared = reconcile([lasting], nobody, failing, 20_000).attempts;
    expect(reconcile([observed()], nobody, cleared, 20_001).start).toHaveLength(1);
  });
});

describe("ports", () => {
  test("two fleets begin elsewhere; a promised port is never offered", () => {
    expect(firstPort("chela")).not.toBe(firstPort("staging"));
    const first = firstPort("chela");
    expect(portCandidates("chela", new Set([first])).next().value).toBe(first + 1);
    const all = [...portCandidates("chela", new Set())];
    expect([all.length, Math.min(...all), Math.max(...all)]).toEqual([10_000, 20_000, 29_999]);
  });
});

test("admin tokens differ by gateway and host; a configuration's hash does not depend on order", () => {
  expect(adminToken("s", "gw-1")).not.toBe(adminToken("s", "gw-2"));
  expect(adminToken("s", "gw-1")).not.toBe(adminToken("t", "gw-1"));
  const hash = configHash({ config: "{}", secrets: { A: "1", B: "2" } });
  expect(configHash({ config: "{}", secrets: { B: "2", A: "1" } })).toBe(hash);
  expect(configHash({ config: "{}", secrets: { A: "1", B: "3" } })).not.toBe(hash);
});

test("commands for one container run one after the other, a failed one does not stop the next", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const first = turns.take("gw-1", async () => {
    await Promise.resolve();
    order.push("first");
    throw new Error("failed");
  });
  const second = turns.take("gw-1", async () => void order.push("second"));
  expect(turns.isBusy("gw-1")).toBe(true);
  await expect(first).rejects.toThrow("failed");
  await second;
  expect(order).toEqual(["first", "second"]);
  expect([turns.isBusy("gw-1"), turns.isBusy("gw-2")]).toEqual([false, false]);
});
