import type { Clock } from "@chela/shared/clock/clock";
import type { FleetView, Window } from "@chela/shared/fleet/view";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FigureStore } from "../store/figures.ts";
import { type Database, openSqlite } from "../store/sqlite.ts";
import { Figures } from "./figures.ts";
import type { Sample } from "./sample.ts";
import { Sampler } from "./sampler.ts";
import { STORED_STEPS } from "./window.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.UTC(2026, 0, 1);

let database: Database;
let store: FigureStore;
beforeEach(async () => {
  database = await openSqlite(":memory:");
  store = new FigureStore(database);
});
afterEach(() => database.destroy());

const sample = (atMs: number, seconds: number): Sample => ({
  atMs,
  seenMs: seconds * 1_000,
  accepted: seconds * 3,
  duplicates: seconds,
  looks: seconds,
  sessions: 7,
  sessionsByGateway: { "gw-1": 7 },
  acceptP99Ms: 4,
  backlog: 0,
});

async function rows(): Promise<number[]> {
  const count = (step: number) =>
    database
      .selectFrom("figure_samples")
      .select((select) => select.fn.countAll<number>().as("count"))
      .where("step", "=", step)
      .executeTakeFirstOrThrow();
  return [Number((await count(10)).count), Number((await count(60)).count)];
}

it("after 40 days the store holds a day of 10 s and 30 days of 1 min, and no more", {
  timeout: 120_000,
}, async () => {
  const stride = 60 * MINUTE;
  for (let at = START; at < START + 40 * DAY; at += stride) {
    const every = (seconds: number) =>
      Array.from({ length: stride / 1_000 / seconds }, (_, index) =>
        sample(at + index * seconds * 1_000, seconds),
      );
    await store.put("f", {
      dedupe: Array.from({ length: 60 }, (_, index) => ({
        minute: at / MINUTE + index,
        channel: "generic",
        accepted: 1,
        duplicates: 1,
      })),
      samples: [
        { stepSeconds: 10, samples: every(10) },
        { stepSeconds: 60, samples: every(60) },
      ],
    });
    await store.forgetOld("f", at + stride, STORED_STEPS);
  }
  expect(await rows()).toEqual([DAY / 10_000, (30 * DAY) / MINUTE]);
  const { count } = await database
    .selectFrom("dedupe_minutes")
    .select((select) => select.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  expect(Number(count)).toBe((31 * DAY) / MINUTE);
});

it("after a long time off what is too old goes in small steps", async () => {
  const old = Array.from({ length: 3 * 360 }, (_, index) => sample(START + index * 10_000, 10));
  await store.put("f", { dedupe: [], samples: [{ stepSeconds: 10, samples: old }] });
  const left = [];
  for (let step = 0; step < 4; step++) {
    await store.forgetOld("f", START + 10 * DAY, STORED_STEPS);
    left.push((await rows())[0]);
  }
  expect(left).toEqual([720, 360, 0, 0]);
});

describe("a console that samples", () => {
  const view = {
    redis: { reachable: true },
    sessions: { total: 5 },
    gateways: [{ name: "gw-1", sessions: 5, backlog: 2 }],
    rates: { acceptP99Ms: 9 },
  } as unknown as FleetView;
  let nowMs = START;
  /** Time passes only while the sampler sleeps. */
  const clock = (onSleep: () => void): Clock => ({
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
      onSleep();
    },
  });
  /** Three events and a repeated one every second, as gateways count them. */
  const counts = {
    async read(minutes: readonly number[]) {
      return minutes.map((minute) => {
        const seconds = Math.max(0, Math.min(60, (nowMs - minute * MINUTE) / 1_000));
        const counted = minute * MINUTE < START ? 0 : seconds;
        return new Map([["generic", { accepted: counted * 3, duplicates: counted }]]);
      });
    },
  };

  /** Runs for so many seconds, one sample each. */
  async function run(seconds: number) {
    const stop = new AbortController();
    let left = seconds;
    const sampler = new Sampler({
      clock: clock(() => {
        if (--left === 0) stop.abort();
      }),
      log: pino({ level: "silent" }),
      fleet: "f",
      counts,
      store,
      view: () => view,
      onPoint: () => {},
    });
    await sampler.run(stop.signal);
    return sampler;
  }

  it("leaves a gap while it is off, in every window, and counts what came meanwhile", async () => {
    nowMs = START;
    await run(130);
    nowMs += 5 * MINUTE;
    const sampler = await run(70);
    const now = clock(() => {});
    const duplicates = { top: async () => ({ events: [], sinceMs: 0 }) };
    const figures = new Figures({
      ...{ clock: now, fleet: "f", store, sampler, duplicates },
      channels: () => [],
    });
    const rates = async (window: Window) =>
      (await figures.series(window)).points
        .filter(({ at }) => Date.parse(at) >= START)
        .map(({ acceptedPerSecond }) => acceptedPerSecond);
    // On for two minutes, off for five and some seconds, on again.
    const hour = await rates("1h");
    expect(hour.slice(0, 6)).toEqual([3, 3, 3, 3, 3, 3]);
    expect(hour.slice(7, 21).every((rate) => rate === null)).toBe(true);
    expect(hour.at(-1)).toBe(3);
    expect((await rates("15m")).filter((rate) => rate !== null)).not.toHaveLength(0);
    // Gateways counted on in Redis: nothing of it is lost.
    const { total } = await figures.dedupe("1h");
    expect(total.accepted).toBe(3 * ((nowMs - 1_000 - START) / 1_000));
  });
});
