import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Batcher } from "./batcher.ts";

function recorded() {
  const calls: number[][] = [];
  const batcher = new Batcher<number, number>(async (items) => {
    calls.push(items);
    return items.map((item) => item * 10);
  }, 64);
  return { calls, batcher };
}

test("what is added within one turn of the event loop goes out as one call", async () => {
  const { calls, batcher } = recorded();
  const results = Promise.all([1, 2, 3].map((n) => batcher.add(n)));
  await Promise.resolve();
  const late = batcher.add(4);
  expect(await results).toEqual([10, 20, 30]);
  expect(await late).toBe(40);
  await nextTurn();
  expect(await batcher.add(5)).toBe(50);
  expect(calls).toEqual([[1, 2, 3, 4], [5]]);
});

test("a call carries at most 64 items", async () => {
  const { calls, batcher } = recorded();
  const numbers = Array.from({ length: 150 }, (_, n) => n);
  expect(await Promise.all(numbers.map((n) => batcher.add(n)))).toEqual(numbers.map((n) => n * 10));
  expect(calls.map((call) => call.length)).toEqual([64, 64, 22]);
});

test("a failed call fails its items only", async () => {
  let calls = 0;
  const batcher = new Batcher<number, number>(async (items) => {
    calls += 1;
    if (calls === 1) throw new Error("away");
    return items;
  }, 2);
  const results = await Promise.allSettled([1, 2, 3].map((n) => batcher.add(n)));
  expect(results.map((result) => result.status)).toEqual(["rejected", "rejected", "fulfilled"]);
});
