import { TestClock } from "@chela/shared/clock/test-clock";
import { expect, test } from "vitest";
import type { InboundEvent, Stored } from "../inbox/event.ts";
import type { Follower, LiveMessage } from "../live/word.ts";
import { type AwaitDeps, awaitAnswer } from "./await-answer.ts";

const event: InboundEvent = {
  channel: "api",
  sessionKey: "api:alice",
  eventId: "e1",
  text: "hi",
  reply: "",
  request: null,
};
const message = (n: number, role: "user" | "assistant", of: string): LiveMessage => ({
  eventId: `1-${n}`,
  previous: n === 1 ? "" : `1-${n - 1}`,
  role,
  text: `${role} ${of}`,
  event: of,
});

function callerOf(stored: Stored = { outcome: "accepted" }, more: Partial<AwaitDeps> = {}) {
  const clock = new TestClock();
  const history: LiveMessage[] = [];
  const seen: string[] = [];
  const gone = new AbortController();
  let follower: Follower | null = null;
  const deps: AwaitDeps = {
    clock,
    ready: async () => null,
    feed: {
      clock,
      async follow(_, following) {
        follower = following;
        return () => {
          follower = null;
        };
      },
      history: {
        after: async (_, after) => history.filter(({ eventId }) => eventId > after),
        newest: async () => history.at(-1)?.eventId ?? "",
      },
    },
    store: async () => {
      seen.push(follower === null ? "stored unheard" : "stored");
      return stored;
    },
    answerTo: async (_, of) =>
      history.findLast((each) => each.event === of && each.role !== "user") ?? null,
    answerTimeoutMs: 60_000,
    ...more,
  };
  const watcher = {
    onStored: (outcome: string) => seen.push(outcome),
    onPiece: (text: string) => seen.push(text),
    onReset: () => seen.push("reset"),
  };
  const ask = () => awaitAnswer(deps, event, watcher, gone.signal);
  const settle = () => new Promise(setImmediate);
  return { clock, history, seen, gone, ask, settle, follower: () => follower };
}

test("followed first, stored then: of all that is said only what belongs to the event is heard", async () => {
  const caller = callerOf();
  const asked = caller.ask();
  await caller.settle();
  const session = "api:alice";
  const say = (of: string, text: string) =>
    caller.follower()!.onWord({ session, delta: { event: of, epoch: 1, seq: 0, text } });
  say("other", "no");
  say("e1", "yes");
  caller.follower()!.onWord({ session, reset: { event: "e1", epoch: 1, seq: 1 } });
  caller.follower()!.onWord({
    session,
    messages: [message(1, "user", "other"), message(2, "assistant", "other")],
  });
  caller.follower()!.onWord({
    session,
    messages: [message(3, "user", "e1"), message(4, "assistant", "e1")],
  });
  expect(await asked).toMatchObject({ kind: "answered", message: { text: "assistant e1" } });
  expect(caller.seen).toEqual(["stored", "accepted", "yes", "reset"]);
  expect(caller.follower()).toBeNull();
});

test("an answer whose word was lost is found in the history within seconds", async () => {
  const caller = callerOf();
  const asked = caller.ask();
  await caller.settle();
  caller.history.push(message(1, "user", "e1"), message(2, "assistant", "e1"));
  await caller.clock.advance(5_000);
  expect(await asked).toMatchObject({ kind: "answered", message: { text: "assistant e1" } });
});

test("a repeated event is answered with what was answered before", async () => {
  const caller = callerOf({ outcome: "duplicate" });
  caller.history.push(message(1, "user", "e1"), message(2, "assistant", "e1"));
  expect(await caller.ask()).toMatchObject({ kind: "answered" });
  expect(caller.clock.monotonicMs()).toBe(0);
});

test("not stored, too late, gone: each is told apart, and nothing is followed any more", async () => {
  const full = callerOf({ outcome: "unavailable", code: "backlog-full" });
  expect(await full.ask()).toEqual({ kind: "refused", code: "backlog-full" });

  const away = callerOf(undefined, { ready: async () => "fleet-unknown" });
  expect(await away.ask()).toEqual({ kind: "refused", code: "fleet-unknown" });
  expect(away.seen).toEqual([]);

  const late = callerOf();
  const waiting = late.ask();
  for (let n = 0; n < 12; n++) {
    await late.settle();
    await late.clock.advance(5_000);
  }
  expect(await waiting).toEqual({ kind: "refused", code: "turn-late" });

  const left = callerOf();
  const asked = left.ask();
  await left.settle();
  left.gone.abort();
  expect(await asked).toEqual({ kind: "gone" });
  for (const caller of [full, late, left]) expect(caller.follower()).toBeNull();
});
