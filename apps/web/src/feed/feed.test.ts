import { TestClock } from "@chela/shared/clock/test-clock";
import { fakeView } from "@chela/shared/fleet/testing/fake-view";
import type { FeedMessage, FigurePoint } from "@chela/shared/fleet/view";
import { beforeEach, describe, expect, it } from "vitest";
import { Feed } from "./feed.ts";

const view = (shards: number, nowMs = 0) =>
  fakeView([{ name: "gw-1", release: 1, shards }], 1, nowMs);
const point = (at: string): FigurePoint => ({
  at,
  acceptedPerSecond: 1,
  duplicatesPerSecond: 0,
  hitRate: 0,
  sessions: 1,
  sessionsByGateway: {},
  acceptP99Ms: 1,
  backlog: 0,
});

let clock: TestClock;
let feed: Feed;
beforeEach(() => {
  clock = new TestClock();
  feed = new Feed("boot", clock, async () => ({
    fleet: view(16),
    operations: [],
    events: [],
    figures: [],
  }));
});

/** Reads `count` messages of a subscription. */
async function read(lastEventId: string | null, count: number) {
  const stop = new AbortController();
  const messages: { id: string; message: FeedMessage }[] = [];
  for await (const each of feed.subscribe(lastEventId, stop.signal)) {
    messages.push(each);
    if (messages.length === count) break;
  }
  return messages;
}

describe("a subscriber", () => {
  it("gets a snapshot first, then what changed, in order", async () => {
    const reading = read(null, 3);
    await Promise.resolve();
    await new Promise(setImmediate);
    feed.figure(point("a"));
    feed.fleet(view(16));
    feed.flush();
    const messages = await reading;
    expect(messages.map(({ message }) => message.type)).toEqual(["snapshot", "fleet", "figure"]);
    expect(messages.map(({ id }) => id)).toEqual(["boot-0", "boot-1", "boot-2"]);
  });

  it("that reconnects gets what it missed and no snapshot", async () => {
    for (const at of ["a", "b", "c"]) feed.figure(point(at));
    feed.flush();
    const messages = await read("boot-1", 2);
    expect(messages.map(({ id }) => id)).toEqual(["boot-2", "boot-3"]);
  });

  it("with an id of another start, or of long ago, gets a snapshot", async () => {
    for (let count = 0; count < 600; count++) feed.figure(point(String(count)));
    feed.flush();
    expect((await read("other-3", 1))[0]?.message.type).toBe("snapshot");
    expect((await read("boot-1", 1))[0]?.message.type).toBe("snapshot");
    expect((await read("boot-9999", 1))[0]?.message.type).toBe("snapshot");
  });

  it("shares one message object with every other", async () => {
    feed.figure(point("a"));
    feed.flush();
    const [first, second] = await Promise.all([read("boot-0", 1), read("boot-0", 1)]);
    expect(first[0]!.message).toBe(second[0]!.message);
  });
});

describe("changes between two flushes", () => {
  it("are told once, as the last of them", async () => {
    feed.fleet(view(16));
    feed.fleet(view(3));
    feed.flush();
    const [only] = await read("boot-0", 1);
    expect(only?.message).toMatchObject({ type: "fleet", fleet: { gateways: [{ shards: 3 }] } });
  });

  it("of age alone are told once a second, not at each look", async () => {
    for (let ms = 0; ms < 1_800; ms += 200) {
      feed.fleet(view(16, ms));
      feed.flush();
      await clock.advance(200);
    }
    feed.figure(point("end"));
    feed.flush();
    const messages = await read("boot-0", 3);
    expect(messages.map(({ message }) => message.type)).toEqual(["fleet", "fleet", "figure"]);
  });
});

describe("how late changes are told", () => {
  it("is measured once for each, at the first page that waited for it", async () => {
    const told: number[] = [];
    feed = new Feed(
      "boot",
      clock,
      async () => ({ fleet: view(16), operations: [], events: [], figures: [] }),
      (ms) => told.push(ms),
    );
    const reading = [read(null, 2), read(null, 2)];
    await new Promise(setImmediate);
    feed.figure(point("a"));
    await clock.advance(150);
    feed.flush();
    await Promise.all(reading);
    expect(told).toEqual([150]);
    await clock.advance(60_000);
    await read("boot-0", 1);
    feed.figure(point("b"));
    feed.flush();
    await read("boot-1", 1);
    expect(told).toEqual([150]);
  });
});
