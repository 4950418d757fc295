import { TestClock } from "@chela/shared/clock/test-clock";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SessionFeed } from "./session-feed.ts";
import { compareHistoryIds, type Follower, type LiveMessage, type LiveWord } from "./word.ts";

/** A session's history and its live channel; words are lost where `loses` says so. */
class World {
  readonly clock = new TestClock();
  readonly stored: LiveMessage[] = [];
  readonly followers = new Set<Follower>();
  loses = false;
  away = false;

  commit(epoch: number, text: string): void {
    const previous = this.stored.at(-1)?.eventId ?? "";
    const n = this.stored.length + 1;
    const user = this.message(`${epoch}-${n}`, previous, "user", text);
    const answer = this.message(`${epoch}-${n + 1}`, user.eventId, "assistant", `re: ${text}`);
    this.stored.push(user, answer);
    if (!this.loses) this.say({ session: "s", messages: [user, answer] });
  }

  message(eventId: string, previous: string, role: LiveMessage["role"], text: string) {
    return { eventId, previous, role, text, event: text };
  }

  say(word: LiveWord): void {
    for (const follower of this.followers) follower.onWord(word);
  }

  async open(after: string | null) {
    const seen: string[] = [];
    const feed = await SessionFeed.open(
      {
        clock: this.clock,
        follow: async (_session, follower) => {
          if (this.away) throw new Error("away");
          this.followers.add(follower);
          return () => this.followers.delete(follower);
        },
        history: {
          after: async (_session, last) => {
            if (this.away) throw new Error("away");
            return this.stored.filter((m) => compareHistoryIds(m.eventId, last) > 0);
          },
          newest: async () => this.stored.at(-1)?.eventId ?? "",
        },
      },
      "s",
      after,
      {
        onMessage: (message) => seen.push(message.eventId),
        onDelta: (delta) => seen.push(delta.text),
        onReset: () => seen.push("void"),
      },
    );
    return { feed, seen };
  }

  ids(): string[] {
    return this.stored.map((message) => message.eventId);
  }
}

describe("a session's feed", () => {
  test("what is said between subscribing and reading is neither lost nor told twice", async () => {
    const world = new World();
    world.commit(1, "before");
    const opening = world.open("");
    world.commit(1, "during");
    const { seen } = await opening;
    world.commit(2, "after");
    await world.clock.advance(10);
    expect(seen).toEqual(world.ids());
  });

  test("without a last message only what comes from now on is told", async () => {
    const world = new World();
    world.commit(1, "before");
    const { seen } = await world.open(null);
    world.commit(1, "after");
    expect(seen).toEqual(world.ids().slice(2));
  });

  test("a word that was lost shows in the next one, and both are read", async () => {
    const world = new World();
    const { seen } = await world.open("");
    world.loses = true;
    world.commit(1, "lost");
    world.loses = false;
    world.commit(1, "heard");
    await world.clock.advance(10);
    expect(seen).toEqual(world.ids());
  });

  test("after a renewed connection it reads on, also when Redis needs a while", async () => {
    const world = new World();
    const { seen } = await world.open("");
    world.loses = true;
    world.commit(1, "lost");
    world.away = true;
    for (const follower of world.followers) follower.onGap();
    for (let ms = 0; ms < 1_000; ms += 100) await world.clock.advance(100);
    expect(seen).toEqual([]);
    world.away = false;
    for (let ms = 0; ms < 1_000; ms += 100) await world.clock.advance(100);
    expect(seen).toEqual(world.ids());
  });

  test("a closed feed is silent and follows nobody", async () => {
    const world = new World();
    const { feed, seen } = await world.open("");
    feed.close();
    world.commit(1, "late");
    expect([seen, world.followers.size]).toEqual([[], 0]);
  });

  test("Redis away while opening is said to whoever opens", async () => {
    const world = new World();
    world.away = true;
    await expect(world.open("")).rejects.toThrow("away");
  });

  test("whatever is lost and whenever somebody comes back, every message is told once and in order", async () => {
    const step = fc.record({
      loses: fc.boolean(),
      epochMore: fc.nat(1),
      gap: fc.boolean(),
      leave: fc.boolean(),
      waitMs: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const world = new World();
        let { feed, seen } = await world.open("");
        const all: string[] = [];
        let epoch = 1;
        for (const { loses, epochMore, gap, leave, waitMs } of steps) {
          epoch += epochMore;
          world.loses = loses;
          world.commit(epoch, "m");
          if (gap) for (const follower of world.followers) follower.onGap();
          if (leave) {
            all.push(...seen);
            const { last } = feed;
            feed.close();
            ({ feed, seen } = await world.open(last));
          }
          await world.clock.advance(waitMs);
        }
        await feed.readOn();
        await world.clock.advance(10);
        expect([...all, ...seen]).toEqual(world.ids());
      }),
      { seed: 20261122, numRuns: 200 },
    );
  });
});

test("history ids compare as numbers, not as text", () => {
  const ids = ["2-10", "10-1", "", "2-9"];
  expect(ids.sort(compareHistoryIds)).toEqual(["", "2-9", "2-10", "10-1"]);
});
