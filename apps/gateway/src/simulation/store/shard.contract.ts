import { beforeEach, expect, test } from "vitest";
import type { InboundEvent, InboxEntry } from "../../inbox/event.ts";
import type { Outcome } from "../../inbox/redis-inbox.ts";
import type { GatewayPort, SimulatedStore } from "./store.ts";

const HOUR_MS = 3_600_000;
const SESSION = "repeating:a";

const eventOf = (eventId: string): InboundEvent => ({
  channel: "repeating",
  sessionKey: SESSION,
  eventId,
  text: `text of ${eventId}`,
  reply: eventId,
  request: null,
});
const answered = (text: string, outbox: string[] = []): Outcome => ({
  role: "assistant",
  text,
  deadReason: "",
  outbox,
});

/** What a shard's inbox, history and outbox guarantee, whatever they stand on. `fresh`: an empty store. */
export function shardContract(fresh: () => Promise<SimulatedStore>): void {
  let store: SimulatedStore;
  let one: GatewayPort;
  let two: GatewayPort;
  /** Gateway one holds shard 0 under this epoch. */
  let holder: { shard: number; epoch: number };
  beforeEach(async () => {
    store = await fresh();
    one = store.gateway("gw-1", "a");
    two = store.gateway("gw-2", "a");
    holder = await acquire(one);
  });

  async function acquire(gateway: GatewayPort) {
    const observed = (await gateway.lease.observe(1)).leases[0] ?? null;
    const request = { shard: 0, observed, highestEpochSeen: 0, generation: 1 };
    const [answer] = await gateway.lease.acquire([request]);
    if (answer?.outcome !== "granted") throw new Error("the lease was refused");
    return { shard: 0, epoch: answer.epoch };
  }
  const ingest = async (...events: InboundEvent[]) =>
    (
      await one.inbox.ingest(events.map((event) => ({ event, shard: 0, dedupeTtlMs: HOUR_MS })))
    ).map(({ outcome }) => outcome);
  const entries = () => one.inbox.read(0, "0-0", 100);
  const first = async (): Promise<InboxEntry> => (await entries())[0]!;
  const said = async () =>
    (await store.messages(0, SESSION)).map(({ eventId, role, text }) => [eventId, role, text]);
  /** Everybody who is not the holder, or not any more, or not this start of it. */
  const strangers = async () => {
    await acquire(two);
    return [
      { gateway: one, as: holder },
      { gateway: store.gateway("gw-1", "b"), as: holder },
      { gateway: store.gateway("gw-2", "b"), as: { shard: 0, epoch: holder.epoch + 1 } },
      { gateway: two, as: holder },
    ];
  };

  test("an event is stored once, in the order of its arrival, through whichever gateway it comes", async () => {
    expect(await ingest(eventOf("1"), eventOf("2"), eventOf("1"))).toEqual([
      "accepted",
      "accepted",
      "duplicate",
    ]);
    const item = { event: eventOf("2"), shard: 0, dedupeTtlMs: HOUR_MS };
    expect(await two.inbox.ingest([item])).toEqual([{ outcome: "duplicate" }]);
    const stored = await entries();
    expect(stored.map(({ eventId }) => eventId)).toEqual(["1", "2"]);
    expect(await one.inbox.read(0, stored[0]!.id, 100)).toEqual([stored[1]]);
    expect(await one.inbox.read(0, "0-0", 1)).toEqual([stored[0]]);
  });

  test("an event that could not be appended is not marked as seen: its repetition is stored", async () => {
    await ingest(eventOf("1"));
    await store.refuseAppends(0, true);
    expect(await ingest(eventOf("2"))).toEqual(["unavailable"]);
    expect(await ingest(eventOf("1"))).toEqual(["duplicate"]);
    await store.refuseAppends(0, false);
    expect(await ingest(eventOf("2"))).toEqual(["accepted"]);
    expect((await entries()).map(({ eventId }) => eventId)).toEqual(["1", "2"]);
  });

  test("attempts are counted up to five, those given back are not", async () => {
    await ingest(eventOf("1"));
    const { id } = await first();
    for (let n = 0; n < 5; n++) expect(await one.inbox.begin(holder, id)).toBe("begun");
    expect(await one.inbox.begin(holder, id)).toBe("exhausted");
    await one.inbox.giveBack(0, id);
    expect(await one.inbox.begin(holder, id)).toBe("begun");
    expect(await one.inbox.begin(holder, id)).toBe("exhausted");
    expect(await one.inbox.begin(holder, "1-1")).toBe("gone");
    await one.inbox.giveBack(0, id);
    for (let n = 0; n < 2; n++) expect(await one.inbox.begin(holder, id, 4)).toBe("suspect");
    expect(await one.inbox.begin(holder, id)).toBe("begun");
  });

  test("a commit takes the event out of the inbox and puts it into the history, once", async () => {
    await ingest(eventOf("1"), eventOf("2"));
    const [entry, next] = await entries();
    expect(await one.inbox.commit(holder, entry!, answered("hello"))).toBe("committed");
    expect(await one.inbox.commit(holder, entry!, answered("again"))).toBe("gone");
    expect(await one.inbox.begin(holder, entry!.id)).toBe("gone");
    const taken = await acquire(two);
    expect(await two.inbox.commit(taken, next!, answered("hi"))).toBe("committed");
    const { epoch } = holder;
    expect(await said()).toEqual([
      [`${epoch}-1`, "user", "text of 1"],
      [`${epoch}-2`, "assistant", "hello"],
      [`${epoch + 1}-1`, "user", "text of 2"],
      [`${epoch + 1}-2`, "assistant", "hi"],
    ]);
    expect((await store.messages(0, SESSION)).map(({ previous }) => previous)).toEqual([
      "",
      `${epoch}-1`,
      `${epoch}-2`,
      `${epoch + 1}-1`,
    ]);
    expect(await store.inboxLength(0)).toBe(0);
    expect(await ingest(eventOf("1"))).toEqual(["duplicate"]);
  });

  test("whoever is not the holder, or not any more, begins, commits and claims nothing", async () => {
    await ingest(eventOf("1"), eventOf("2"));
    const [entry, next] = await entries();
    await one.inbox.commit(holder, entry!, answered("hello", ["m"]));
    const [reply] = await one.outbox.read(0, "0-0", 10);
    const before = await said();
    for (const { gateway, as } of await strangers()) {
      expect(await gateway.inbox.begin(as, next!.id)).toBe("fenced");
      expect(await gateway.inbox.commit(as, next!, answered("stolen"))).toBe("fenced");
      expect(await gateway.outbox.claim(as, [reply!.id])).toEqual([{ kind: "fenced" }]);
    }
    expect(await said()).toEqual(before);
    expect(await store.inboxLength(0)).toBe(1);
  });

  test("a commit does not end another event that has come to bear the same id", async () => {
    await ingest(eventOf("1"));
    const other = { ...(await first()), eventId: "2" };
    expect(await one.inbox.commit(holder, other, answered("hello"))).toBe("gone");
    expect(await store.inboxLength(0)).toBe(1);
  });

  test("an event that is given up stands among the dead letters, and its session says so", async () => {
    await ingest(eventOf("1"));
    const error = { role: "error", text: "sorry", deadReason: "attempts-exhausted" } as const;
    await one.inbox.commit(holder, await first(), { ...error, outbox: [] });
    expect((await said()).at(-1)!.slice(1)).toEqual(["error", "sorry"]);
    const letter = { kind: "inbox", reason: "attempts-exhausted", what: "1" };
    expect(await store.deadLetters(0)).toEqual([letter]);
  });

  test("a claim stands until its reply is settled or the claimer takes it back, also past a takeover", async () => {
    await ingest(eventOf("1"));
    await one.inbox.commit(holder, await first(), answered("hello", ["m1", "m2", "m3"]));
    const replies = await one.outbox.read(0, "0-0", 10);
    expect(replies.map(({ channel, sessionKey }) => [channel, sessionKey])).toEqual(
      Array(3).fill(["repeating", SESSION]),
    );
    const [open, unsent, sent] = replies.map(({ id }) => id) as [string, string, string];
    const { epoch } = holder;
    expect(await one.outbox.claim(holder, [open, unsent, sent])).toEqual([
      { kind: "claimed", epoch, message: "m1" },
      { kind: "claimed", epoch, message: "m2" },
      { kind: "claimed", epoch, message: "m3" },
    ]);
    await one.outbox.unclaim(holder, unsent);
    await one.outbox.settle(0, sent, null);

    const taken = await acquire(two);
    // Not its own: stays.
    await two.outbox.unclaim(taken, open);
    expect(await two.outbox.claim(taken, [open, unsent, sent])).toEqual([
      { kind: "claimed", epoch, message: "m1" },
      { kind: "claimed", epoch: taken.epoch, message: "m2" },
      { kind: "gone" },
    ]);
    await two.outbox.settle(0, open, { reason: "outcome-unknown", detail: "who knows" });
    await two.outbox.settle(0, open, { reason: "refused", detail: "again" });
    expect(await store.deadLetters(0)).toEqual([
      { kind: "outbox", reason: "outcome-unknown", what: "m1" },
    ]);
    expect(await store.outboxLength(0)).toBe(1);
  });
}
