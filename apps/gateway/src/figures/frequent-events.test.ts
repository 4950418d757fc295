import fc from "fast-check";
import { expect, test } from "vitest";
import { FrequentEvents } from "./frequent-events.ts";

const event = (eventId: string) => ({ channel: "generic", sessionKey: "generic:a", eventId });
const named = (eventId: string) => JSON.stringify(["generic", "generic:a", eventId]);

test("the most frequent come first, exact while they are few, and counting begins anew", () => {
  const frequent = new FrequentEvents();
  for (const id of ["a", "b", "b", "c", "b", "c"]) frequent.add(event(id));
  expect(frequent.take(2)).toEqual([
    [named("b"), 3],
    [named("c"), 2],
  ]);
  expect(frequent.take(2)).toEqual([]);
});

test("an event that came often is found among any number of others, never counted too high", () => {
  const frequent = new FrequentEvents();
  const others = 50_000;
  let often = 0;
  for (let n = 0; n < others; n++) {
    frequent.add(event(`once-${n}`));
    if (n % 20 === 0) {
      frequent.add(event("often"));
      often += 1;
    }
  }
  const [[name, count]] = frequent.take(1) as [[string, number]];
  expect(name).toBe(named("often"));
  expect(count).toBeLessThanOrEqual(often);
  expect(count).toBeGreaterThanOrEqual(often - (others + often) / 1_001);
});

test("memory is bounded whatever is sent, and no count is higher than the truth", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ maxLength: 40 }).map((part) => part.repeat(100)),
    fc.constantFrom("a", "b", "c"),
  );
  const seen = fc.record({ channel: text, sessionKey: text, eventId: text });
  fc.assert(
    fc.property(
      fc.array(seen, { maxLength: 60 }),
      fc.integer({ min: 1, max: 3_000 }),
      (list, n) => {
        const frequent = new FrequentEvents();
        const truth = new Map<string, number>();
        const add = (one: (typeof list)[number]) => {
          frequent.add(one);
          const name = JSON.stringify([one.channel, one.sessionKey, one.eventId]);
          truth.set(name, (truth.get(name) ?? 0) + 1);
        };
        for (const one of list) add(one);
        for (let i = 0; i < n; i++) add(event(`flood-${i}`));
        for (const one of list) add(one);
        expect(frequent.size).toBeLessThanOrEqual(1_000);
        const taken = frequent.take(Number.POSITIVE_INFINITY);
        frequent.putBack(taken);
        expect(frequent.size).toBeLessThanOrEqual(1_000);
        for (const [name, count] of taken) {
          expect(name.length).toBeLessThan(8_000);
          expect(count).toBeLessThanOrEqual(truth.get(name)!);
        }
      },
    ),
    { numRuns: 50 },
  );
});
