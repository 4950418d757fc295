import { describe, expect, test } from "vitest";
import { movesFrom } from "./flapping.ts";
import type { Move } from "./schema.ts";
import {
  act,
  both,
  gateway,
  held,
  holding,
  kinds,
  lease,
  type Scene,
  sight,
  times,
} from "./testing/scene.ts";

describe("moved too often", () => {
  const moves = (count: number, everyMs: number, generation = 1): Move[] =>
    Array.from({ length: count }, (_, n) => ({ atMs: n * everyMs, generation }));
  const moved = (of: readonly Move[]) => both({ ...sight(lease("gw-1")), moves: of });
  const scene = (of: readonly Move[], control: Scene["control"] = {}) => ({
    ...{ shards: moved(of), held: [held(), held()], self: { assistantUp: false }, control },
  });

  test("a shard that moved away from live holders again and again stays, until that is acknowledged", () => {
    const often = moves(times.flapMovesMax, 30_000);
    expect(kinds(act(scene(often.slice(1))))).toEqual(["cede", "cede"]);
    expect(act(scene(often))).toEqual([]);
    expect(act(scene(often, { flapAcknowledged: 1 }))).toEqual([]);
    expect(kinds(act(scene(often, { flapAcknowledged: 2 })))).toContain("cede");
  });

  test("moves that are far between are no flapping", () => {
    expect(kinds(act(scene(moves(times.flapMovesMax, 90_000))))).toEqual(["cede", "cede"]);
  });

  test("an operator's order, a drain and a free lease move it all the same", () => {
    const often = moves(times.flapMovesMax, 30_000);
    const order = { generation: 2, preferred: ["gw-2"] };
    expect(kinds(act(scene(often, order)))).toEqual(["cede", "cede"]);
    expect(kinds(act({ ...scene(often), self: { draining: true } }))).toEqual(["cede", "cede"]);
    const free = both({ ...sight(null), moves: often });
    expect(kinds(act({ shards: free, others: [] }))).toEqual(["acquire", "acquire"]);
  });

  test("only what nobody has ordered counts as such a move", () => {
    const [ill] = act(scene([]));
    expect(ill).toMatchObject({ type: "cede", reason: "assistant-down", unordered: true });
    const [ordered] = act(scene([], { generation: 2, preferred: ["gw-2"] }));
    expect(ordered).toMatchObject({ type: "cede", unordered: false });
    const [drained] = act({ ...holding(), self: { draining: true } });
    expect(drained).toMatchObject({ reason: "draining", unordered: false });
    // Its own next start, which a start-first replacement brings.
    const next = [gateway("gw-1", { incarnation: "next", since: 9 })];
    expect(act({ ...holding(), others: next })[0]).toMatchObject({ unordered: false });
  });

  test("as they stand in Redis; what cannot be read is left out", () => {
    expect(movesFrom(undefined)).toEqual([]);
    expect(movesFrom("100:1,nonsense,200:3")).toEqual([
      { atMs: 100, generation: 1 },
      { atMs: 200, generation: 3 },
    ]);
  });
});
