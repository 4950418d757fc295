import { expect, test } from "vitest";
import { Slices } from "./slices.ts";

function turns() {
  const planned: (() => void)[] = [];
  const slices = new Slices((work) => planned.push(work));
  const done: string[] = [];
  function* work(name: string, steps: number) {
    for (let n = 0; n < steps; n++) yield done.push(name);
  }
  const next = () => {
    const before = done.length;
    planned.shift()!();
    return done.length - before;
  };
  return { slices, work, done, planned, next };
}

test("what fits into one slice is done at once", () => {
  const { slices, work, done } = turns();
  slices.add(work("a", 200));
  expect(done.length).toBe(200);
});

test("10,000 sends never take more of one turn of the event loop than a slice", () => {
  const { slices, work, done, next } = turns();
  slices.add(work("a", 10_000));
  expect(done.length).toBe(200);
  while (done.length < 10_000) expect(next()).toBeLessThanOrEqual(200);
});

test("a small work does not wait for the end of a large one", () => {
  const { slices, work, done, next } = turns();
  slices.add(work("large", 10_000));
  slices.add(work("small", 2));
  next();
  next();
  expect(done.filter((name) => name === "small").length).toBe(2);
  expect(done.length).toBeLessThan(1_000);
});

test("many small works in one turn count together", () => {
  const { slices, work, done, next, planned } = turns();
  for (let n = 0; n < 300; n++) slices.add(work(`${n}`, 1));
  expect(done.length).toBe(200);
  expect(next()).toBe(100);
  expect(done).toEqual(Array.from({ length: 300 }, (_, n) => `${n}`));
  while (planned.length > 0) next();
  slices.add(work("later", 1));
  expect(done.at(-1)).toBe("later");
});
