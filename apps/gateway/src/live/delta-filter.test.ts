import { expect, test } from "vitest";
import { DeltaFilter } from "./delta-filter.ts";
import type { LiveDelta } from "./word.ts";

function shown() {
  const said: string[] = [];
  const filter = new DeltaFilter(
    ({ event, text }) => said.push(`${event}: ${text}`),
    (event) => said.push(`${event} void`),
  );
  const piece = (text: string, seq: number, epoch = 1): LiveDelta => ({
    event: "e",
    epoch,
    seq,
    text,
  });
  return { filter, said, piece };
}

test("pieces are shown in their order, each once", () => {
  const { filter, said, piece } = shown();
  for (const p of [piece("a", 0), piece("b", 1), piece("b", 1), piece("a", 0), piece("c", 2)]) {
    filter.delta(p);
  }
  expect(said).toEqual(["e: a", "e: b", "e: c"]);
});

test("a piece from an owner that lost the shard is dropped; the new owner's voids what was shown", () => {
  const { filter, said, piece } = shown();
  filter.delta(piece("a", 0, 1));
  filter.delta(piece("x", 0, 2));
  filter.delta(piece("b", 1, 1));
  filter.delta(piece("y", 1, 2));
  expect(said).toEqual(["e: a", "e void", "e: x", "e: y"]);
});

test("after a gap nothing more is shown, until the turn begins again", () => {
  const { filter, said, piece } = shown();
  filter.delta(piece("a", 0));
  filter.delta(piece("c", 2));
  filter.delta(piece("d", 3));
  filter.reset({ event: "e", epoch: 1, seq: 4 });
  filter.delta(piece("again", 5));
  expect(said).toEqual(["e: a", "e void", "e: again"]);
});

test("who comes in the middle is shown nothing of that turn", () => {
  const { filter, said, piece } = shown();
  filter.delta(piece("b", 1));
  filter.delta(piece("c", 2));
  filter.reset({ event: "e", epoch: 1, seq: 1 });
  expect(said).toEqual([]);
});
