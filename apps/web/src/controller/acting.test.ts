import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestClock } from "@chela/shared/clock/test-clock";
import { sql } from "kysely";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONTROLLER_TTL_MS, ControllerLease } from "../store/controller-lease.ts";
import { type Database, openSqlite } from "../store/sqlite.ts";
import { Acting } from "./acting.ts";

let folder: string;
let database: Database;
let stop: AbortController;
const running: Promise<void>[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chela-acting-"));
  database = await openSqlite(join(folder, "console.sqlite"));
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await Promise.all(running.splice(0));
  await database.destroy();
  rmSync(folder, { recursive: true });
});

/** The store's clock is the test's. */
async function begin(clock: TestClock, holder: string): Promise<Acting> {
  const lease = () =>
    new ControllerLease(database, holder, sql<number>`CAST(${clock.wallMs()} AS INTEGER)`);
  const acting = await Acting.begin({
    clock,
    log: pino({ level: "silent" }),
    lease: {
      claim: (restarted) => lease().claim(restarted),
      renew: (epoch) => lease().renew(epoch),
      release: (epoch) => lease().release(epoch),
      holder: () => lease().holder(),
    },
  });
  return acting;
}
const go = (acting: Acting) => running.push(acting.run(stop.signal));

/** Time passes while real writes take as long as they take. */
async function pass(clock: TestClock, until: () => boolean): Promise<void> {
  await expect
    .poll(
      async () => {
        await clock.advance(200);
        return until();
      },
      { interval: 1 },
    )
    .toBe(true);
}

describe("which console acts", () => {
  it("another one stands by, says who acts, and takes over when that one is gone", async () => {
    const clock = new TestClock();
    const first = await begin(clock, "console-a");
    const second = await begin(clock, "console-b");
    expect(first.current).not.toBeNull();
    expect(first.reason).toBeNull();
    expect(second.current).toBeNull();
    expect(second.reason).toContain("console-a acts");
    expect(() => second.epoch).toThrow("stands by");
    const epoch = first.epoch;
    go(second);
    await pass(clock, () => second.current !== null);
    expect(second.epoch).toBeGreaterThan(epoch);
  });

  it("a paused one that wakes up does not act before it has asked, and then stands by ⚑", async () => {
    const clock = new TestClock();
    const paused = await begin(clock, "console-a");
    let stopped = 0;
    paused.onEnd(async () => {
      stopped++;
    });
    await clock.advance(CONTROLLER_TTL_MS);
    expect(paused.current).toBeNull();
    const other = await begin(clock, "console-b");
    expect(other.current).not.toBeNull();
    go(paused);
    go(other);
    await pass(clock, () => stopped > 0);
    expect(paused.current).toBeNull();
    expect(paused.reason).toContain("console-b acts");
  });

  it("one that woke up late and was not followed goes on under its epoch", async () => {
    const clock = new TestClock();
    const acting = await begin(clock, "console-a");
    const epoch = acting.epoch;
    await clock.advance(2 * CONTROLLER_TTL_MS);
    expect(acting.current).toBeNull();
    go(acting);
    await pass(clock, () => acting.current !== null);
    expect(acting.epoch).toBe(epoch);
  });

  it("a refusal at some door makes it look at once", async () => {
    const clock = new TestClock();
    const acting = await begin(clock, "console-a");
    go(acting);
    // A restart of the same console, on a store that the first process still has open.
    await begin(clock, "console-a");
    expect(acting.current).not.toBeNull();
    acting.doubt();
    await expect.poll(() => acting.current).toBeNull();
  });

  it("nothing begun under an old epoch goes on under a new one", async () => {
    const clock = new TestClock();
    const acting = await begin(clock, "console-a");
    let finish = () => {};
    acting.onEnd(() => new Promise((resolve) => (finish = resolve)));
    go(acting);
    const other = await begin(clock, "console-a");
    acting.doubt();
    await expect.poll(() => acting.current).toBeNull();
    // The other one is gone, and its lease ended.
    await clock.advance(3 * CONTROLLER_TTL_MS);
    expect(other.current).toBeNull();
    expect(acting.current).toBeNull();
    finish();
    await pass(clock, () => acting.current !== null);
  });
});
