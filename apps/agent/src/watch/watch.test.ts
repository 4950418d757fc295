import type { HostReport } from "@chela/shared/agent-link/schema";
import { TestClock } from "@chela/shared/clock/test-clock";
import { describe, expect, test } from "vitest";
import { Broadcast } from "./broadcast.ts";
import { type IncarnationNote, killedBy, noteIncarnation } from "./incarnations.ts";
import { Changes, reports } from "./report.ts";
import { cpuPercent } from "./usage.ts";

describe("incarnations", () => {
  const note = (incarnation: string, startedAtMs: number, container = "c"): IncarnationNote => ({
    ...{ container, gateway: "gw-1", incarnation, startedAtMs },
  });

  test("a death kills what had started by then, not the one that Docker started after it", () => {
    let notes: readonly IncarnationNote[] = [];
    for (const seen of [note("old", 100), note("old", 101), note("new", 600)]) {
      notes = noteIncarnation(notes, seen);
    }
    // Told late: the next incarnation has answered already.
    const { dead, rest } = killedBy(notes, "c", 500);
    expect(dead.map((one) => one.incarnation)).toEqual(["old"]);
    expect(killedBy(rest, "c", 500).dead).toEqual([]);
    expect(killedBy(rest, "c", 900).dead.map((one) => one.incarnation)).toEqual(["new"]);
  });

  test("another container's death kills nothing here", () => {
    expect(killedBy([note("old", 100)], "other", 500).dead).toEqual([]);
  });

  test("a container in a crash loop leaves a bounded trail", () => {
    let notes: readonly IncarnationNote[] = [note("x", 1, "other")];
    for (let start = 0; start < 100; start++)
      notes = noteIncarnation(notes, note(`${start}`, start));
    expect(notes.filter((one) => one.container === "c").map((one) => one.incarnation)).toEqual([
      "92",
      "93",
      "94",
      "95",
      "96",
      "97",
      "98",
      "99",
    ]);
    expect(notes).toHaveLength(9);
  });
});

describe("reports", () => {
  const build = async () => ({}) as HostReport;

  test("come at a change, but not more often than every 200 ms, and at least every second", async () => {
    const clock = new TestClock();
    const changes = new Changes();
    const stop = new AbortController();
    const at: number[] = [];
    const reading = (async () => {
      for await (const _ of reports(build, changes, clock, stop.signal))
        at.push(clock.monotonicMs());
    })();
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 50) {
        await new Promise((resolve) => setImmediate(resolve));
        await clock.advance(50);
      }
      await new Promise((resolve) => setImmediate(resolve));
    };
    await pass(100);
    changes.mark();
    changes.mark();
    await pass(550);
    changes.mark();
    await pass(2_100);
    expect(at).toEqual([0, 200, 650, 1_650, 2_650]);
    stop.abort();
    await reading;
  });
});

test("a slow listener loses the oldest events, another one none", async () => {
  const events = new Broadcast<number>(3);
  const stop = new AbortController();
  const slow = events.listen(stop.signal);
  const first = slow.next();
  for (let n = 0; n < 10; n++) events.send(n);
  await first;
  const left = [(await slow.next()).value, (await slow.next()).value];
  expect(left).toEqual([8, 9]);
  stop.abort();
  expect((await slow.next()).done).toBe(true);
});

test("a share of the CPU needs two samples of one run", () => {
  const sample = (atMs: number, cpuNanos: number) => ({ atMs, cpuNanos, memoryBytes: 0 });
  expect(cpuPercent(null, sample(0, 0))).toBeNull();
  expect(cpuPercent(sample(0, 0), sample(2_000, 1e9))).toBe(50);
  expect(cpuPercent(sample(0, 5e9), sample(2_000, 1e9))).toBeNull();
});
