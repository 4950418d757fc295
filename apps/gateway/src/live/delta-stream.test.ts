import { TestClock } from "@chela/shared/clock/test-clock";
import { expect, test } from "vitest";
import { DeltaStream } from "./delta-stream.ts";

function stream() {
  const clock = new TestClock();
  const told: unknown[] = [];
  const deltas = new DeltaStream(clock, "e", 3, (word) => {
    told.push("delta" in word ? [word.delta.seq, word.delta.text] : [word.reset.seq, "reset"]);
  });
  return { clock, told, deltas };
}

test("the first piece is told at once, those that follow quickly together", async () => {
  const { clock, told, deltas } = stream();
  for (const text of ["a", "b", "c"]) deltas.add(text);
  expect(told).toEqual([[0, "a"]]);
  await clock.advance(100);
  expect(told).toEqual([
    [0, "a"],
    [1, "bc"],
  ]);
  deltas.add("d");
  expect(told.at(-1)).toEqual([2, "d"]);
});

test("nothing is left to tell when the answer is whole, and nothing comes after it", async () => {
  const { clock, told, deltas } = stream();
  for (const text of ["a", "b"]) deltas.add(text);
  deltas.end();
  await clock.advance(1_000);
  expect(told).toEqual([
    [0, "a"],
    [1, "b"],
  ]);
});

test("another attempt says that the last one is void, if anything was told", async () => {
  const { told, deltas } = stream();
  deltas.reset();
  deltas.add("a");
  deltas.end();
  deltas.reset();
  deltas.add("x");
  expect(told).toEqual([
    [0, "a"],
    [1, "reset"],
    [2, "x"],
  ]);
});
