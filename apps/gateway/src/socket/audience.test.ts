import type { ServerFrame } from "@chela/chat-client/protocol";
import { TestClock } from "@chela/shared/clock/test-clock";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareHistoryIds, type Follower, type LiveMessage, type LiveWord } from "../live/word.ts";
import { Audience, type Listener } from "./audience.ts";
import { Slices } from "./slices.ts";

class TestListener implements Listener {
  heard = 0;
  closed = false;
  readonly after: string | null;
  readonly frames: ServerFrame[] = [];
  readonly answeredEvents: string[] = [];
  joined = false;

  constructor(after: string | null) {
    this.after = after;
  }

  tell(bytes: Buffer): void {
    this.frames.push(JSON.parse(bytes.toString()));
  }
  flushed = async () => {};
  answered = (event: string) => void this.answeredEvents.push(event);
  lose(): void {
    this.closed = true;
  }

  ids(): string[] {
    return this.frames.flatMap((frame) => (frame.type === "message" ? [frame.eventId] : []));
  }

  /** The answer to an event as a client would show it. */
  saying(event: string): string {
    let text = "";
    for (const frame of this.frames) {
      if (frame.type === "reset" && frame.replyTo === event) text = "";
      if (frame.type === "delta" && frame.replyTo === event) text += frame.text;
    }
    return text;
  }
}

const ANSWER = "abcdefghijklmnopqrstuvwxyz";

/** A session, its live channel, and Redis answering when it is told to. */
class World {
  readonly clock = new TestClock();
  readonly stored: LiveMessage[] = [];
  readonly listeners: TestListener[] = [];
  readonly #followers = new Set<Follower>();
  readonly #reads: (() => void)[] = [];
  readonly #turns: (() => void)[] = [];
  readonly #late: LiveWord[] = [];
  /** Words are not heard now: lost, or on their way. */
  deaf: "no" | "lost" | "late" = "no";
  #epoch = 1;
  #event = 0;
  #seq = 0;
  readonly audience: Audience;

  constructor() {
    const later = <T>(read: () => T) =>
      new Promise<T>((resolve) => this.#reads.push(() => resolve(read())));
    const after = (last: string) =>
      this.stored.filter(({ eventId }) => compareHistoryIds(eventId, last) > 0);
    this.audience = new Audience(
      {
        clock: this.clock,
        slices: new Slices((work) => this.#turns.push(work)),
        follow: async (_session, follower) => {
          this.#followers.add(follower);
          return () => this.#followers.delete(follower);
        },
        history: {
          after: (_session, last) => later(() => after(last)),
          newest: () => later(() => this.stored.at(-1)?.eventId ?? ""),
          page: (_session, last, max) => later(() => after(last).slice(0, max)),
        },
      },
      "s",
    );
  }

  join(after: string | null): TestListener {
    const listener = new TestListener(after);
    this.listeners.push(listener);
    void this.audience.join(listener, after).then(() => {
      listener.joined = true;
    });
    return listener;
  }

  commit(): void {
    const event = `e${this.#event++}`;
    for (const role of ["user", "assistant"] as const) {
      const previous = this.stored.at(-1)?.eventId ?? "";
      const eventId = `${this.#epoch}-${this.stored.length + 1}`;
      this.stored.push({ eventId, previous, role, text: ANSWER, event });
    }
    this.#seq = 0;
    this.#say({ session: "s", messages: this.stored.slice(-2) });
  }

  piece(): void {
    const event = `e${this.#event}`;
    const text = ANSWER[this.#seq] ?? "";
    this.#say({ session: "s", delta: { event, epoch: this.#epoch, seq: this.#seq++, text } });
  }

  takeOver(): void {
    this.#epoch += 1;
    this.#seq = 0;
  }

  hearLate(): void {
    for (const word of this.#late.splice(0)) this.#tell(word);
    this.deaf = "no";
  }

  gap(): void {
    for (const follower of this.#followers) follower.onGap();
  }

  async read(): Promise<void> {
    this.#reads.shift()?.();
    for (let n = 0; n < 20; n++) await Promise.resolve();
  }

  turn(): void {
    this.#turns.shift()?.();
  }

  async settle(): Promise<void> {
    this.hearLate();
    this.gap();
    for (let n = 0; n < 200; n++) {
      await this.read();
      this.turn();
    }
  }

  #say(word: LiveWord): void {
    if (this.deaf === "late") this.#late.push(word);
    if (this.deaf === "no") this.#tell(word);
  }

  #tell(word: LiveWord): void {
    for (const follower of this.#followers) follower.onWord(word);
  }
}

describe("an audience", () => {
  test("who joins is told everything after its last message, then what is said live, once", async () => {
    const world = new World();
    world.commit();
    world.commit();
    const [all, some, none] = [world.join("0-0"), world.join("1-2"), world.join(null)];
    await world.settle();
    world.commit();
    await world.settle();
    expect(all.ids()).toEqual(["1-1", "1-2", "1-3", "1-4", "1-5", "1-6"]);
    expect(some.ids()).toEqual(["1-3", "1-4", "1-5", "1-6"]);
    expect(none.ids()).toEqual(["1-5", "1-6"]);
    expect(all.answeredEvents).toEqual(["e0", "e1", "e2"]);
  });

  test("who joins while an answer is made is told what was said of it so far", async () => {
    const world = new World();
    const first = world.join("0-0");
    await world.settle();
    for (let n = 0; n < 3; n++) world.piece();
    const late = world.join("0-0");
    await world.settle();
    world.piece();
    expect([first.saying("e0"), late.saying("e0")]).toEqual(["abcd", "abcd"]);
  });

  test("an id that never was given keeps nobody from hearing what comes", async () => {
    const world = new World();
    world.commit();
    const lost = world.join("999-1");
    await world.settle();
    world.commit();
    expect(lost.ids()).toEqual(["1-3", "1-4"]);
  });

  test("a history of thousands of messages comes whole", async () => {
    const world = new World();
    for (let n = 0; n < 1_000; n++) world.commit();
    const listener = world.join("0-0");
    await world.settle();
    expect(listener.ids().length).toBe(2_000);
  });

  test("what is said faster than it can be told is told together; what can never be is given up", async () => {
    const world = new World();
    const listeners = Array.from({ length: 300 }, () => world.join(null));
    await world.settle();
    for (let n = 0; n < 26; n++) world.piece();
    for (let n = 0; n < 20; n++) world.turn();
    for (const listener of listeners) expect(listener.saying("e0")).toBe(ANSWER);
    expect(listeners[0]!.frames.length).toBeLessThan(10);
    for (let n = 0; n < 400; n++) world.commit();
    await world.settle();
    expect(listeners.every(({ closed }) => closed)).toBe(true);
  });

  test("whatever is lost or late, everybody gets every message once and in order, and whole pieces", async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("read", "turn") },
      { weight: 4, arbitrary: fc.constantFrom("commit", "piece", "piece") },
      { weight: 2, arbitrary: fc.constantFrom("joinAll", "joinNew", "joinMiddle", "leave") },
      { weight: 1, arbitrary: fc.constantFrom("lose", "delay", "hear", "gap", "takeOver") },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120, size: "max" }), async (steps) => {
        const world = new World();
        const middle = () => world.stored[Math.floor(world.stored.length / 2)]?.eventId ?? "0-0";
        const acts: Record<string, () => unknown> = {
          commit: () => world.commit(),
          piece: () => world.piece(),
          read: () => world.read(),
          turn: () => world.turn(),
          joinAll: () => world.join("0-0"),
          joinNew: () => world.join(null),
          joinMiddle: () => world.join(middle()),
          leave: () => {
            const [listener] = world.listeners.splice(0, 1);
            if (listener === undefined) return;
            listener.closed = true;
            world.audience.leave(listener);
          },
          lose: () => {
            world.deaf = "lost";
          },
          delay: () => {
            world.deaf = "late";
          },
          hear: () => world.hearLate(),
          gap: () => world.gap(),
          takeOver: () => world.takeOver(),
        };
        for (const name of steps) await acts[name]!();
        await world.settle();
        const all = world.stored.map(({ eventId }) => eventId);
        for (const listener of world.listeners) {
          expect(listener.joined).toBe(true);
          const { after } = listener;
          const ids = listener.ids();
          if (after === null) expect(ids).toEqual(all.slice(all.length - ids.length));
          else expect(ids).toEqual(all.filter((id) => compareHistoryIds(id, after) > 0));
          for (let n = 0; n <= all.length / 2; n++) {
            expect(ANSWER.startsWith(listener.saying(`e${n}`))).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
