import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assign, type WeightedMember } from "./assign.ts";
import { murmur3 } from "./murmur3.ts";
import { shardOf } from "./shard-of.ts";

describe("murmur3", () => {
  // Published vectors of MurmurHash3_x86_32.
  test.each([
    ["", 0, 0x00000000],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["aaaa", 0x9747b28c, 0x5a97808a],
    ["aaa", 0x9747b28c, 0x283e0130],
    ["aa", 0x9747b28c, 0x5d211726],
    ["a", 0x9747b28c, 0x7fa09ea6],
    ["abc", 0, 0xb3dd93fa],
    ["Hello, world!", 0x9747b28c, 0x24884cba],
    ["ππππππππ", 0x9747b28c, 0xd58063c1],
    ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
  ])("%j with seed %i", (text, seed, expected) => {
    expect(murmur3(text, seed)).toBe(expected);
  });
});

describe("shardOf", () => {
  test("a session's shard never changes: these values are part of the key layout", () => {
    expect(
      ["generic:alice", "telegram:1", "web:bob", "api:ümlaut"].map((key) => shardOf(key, 16)),
    ).toMatchInlineSnapshot(`
      [
        10,
        3,
        8,
        12,
      ]
    `);
  });

  test("every session has a shard in range", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.integer({ min: 1, max: 1024 }),
        (key, shards) => {
          const shard = shardOf(key, shards);
          expect(Number.isInteger(shard) && shard >= 0 && shard < shards).toBe(true);
        },
      ),
    );
  });

  test("numbered sessions spread evenly", () => {
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) counts[shardOf(`telegram:${i}`, 16)]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

const members = (minLength: number) =>
  fc.uniqueArray(
    fc.record({ name: fc.string({ minLength: 1 }), weight: fc.integer({ min: 1, max: 10 }) }),
    { selector: (m) => m.name, minLength, maxLength: 12 },
  );

describe("assign", () => {
  test("every shard has exactly one owner among the members; nobody, no owners", () => {
    expect(assign(16, [])).toEqual([]);
    fc.assert(
      fc.property(members(1), fc.integer({ min: 1, max: 64 }), (list, shards) => {
        const owners = assign(shards, list);
        expect(owners).toHaveLength(shards);
        for (const owner of owners) expect(list.map((m) => m.name)).toContain(owner);
      }),
    );
  });

  test("the order in which members are listed does not matter", () => {
    fc.assert(
      fc.property(members(1), (list) => {
        expect(assign(64, list.toReversed())).toEqual(assign(64, list));
      }),
    );
  });

  test("who joins only takes; who leaves only gives: no shard moves between the others", () => {
    fc.assert(
      fc.property(members(2), (list) => {
        const joined = list.at(-1) as WeightedMember;
        const before = assign(128, list.slice(0, -1));
        assign(128, list).forEach((owner, shard) => {
          if (owner !== joined.name) expect(owner).toBe(before[shard]);
        });
      }),
    );
  });

  test("a heavier member keeps what it has and takes only from others", () => {
    fc.assert(
      fc.property(members(2), (list) => {
        const grown = list[0] as WeightedMember;
        const before = assign(128, list);
        const after = assign(128, [{ ...grown, weight: grown.weight + 3 }, ...list.slice(1)]);
        after.forEach((owner, shard) => {
          if (owner !== before[shard]) expect(owner).toBe(grown.name);
        });
      }),
    );
  });

  test("shards are spread in proportion to weight", () => {
    fc.assert(
      fc.property(members(2), (list) => {
        const shards = 4096;
        const owners = assign(shards, list);
        const total = list.reduce((sum, m) => sum + m.weight, 0);
        for (const { name, weight } of list) {
          const share = weight / total;
          const held = owners.filter((owner) => owner === name).length;
          const deviation = Math.sqrt(shards * share * (1 - share));
          expect(Math.abs(held - shards * share)).toBeLessThan(6 * deviation + 1);
        }
      }),
      { numRuns: 30 },
    );
  });
});
