import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonical } from "./canonical.ts";
import { BEFORE_THE_FIRST, sealedText, type UnsealedRecord, verifyChain } from "./chain.ts";
import type { AuditRecord } from "./record.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const sealed = (record: UnsealedRecord): AuditRecord => ({
  ...record,
  hash: sha256(sealedText(record)),
});

function chainOf(length: number): AuditRecord[] {
  const chain: AuditRecord[] = [];
  for (let id = 1; id <= length; id++) {
    chain.push(
      sealed({
        id,
        at: new Date(id * 1_000).toISOString(),
        actor: id % 2 ? "mira" : "jonas",
        from: null,
        action: "hosts.cordon",
        fleet: "f",
        subject: `host-${id}`,
        reason: null,
        before: { cordoned: false },
        after: { cordoned: true, weight: id },
        outcome: "done",
        code: null,
        detail: null,
        requestId: null,
        previous: chain.at(-1)?.hash ?? BEFORE_THE_FIRST,
      }),
    );
  }
  return chain;
}

const LENGTH = 12;
const chain = chainOf(LENGTH);
const head = { id: LENGTH, hash: chain.at(-1)!.hash };
const place = fc.integer({ min: 0, max: LENGTH - 1 });
const check = (records: readonly AuditRecord[], expected: typeof head | null = head) =>
  verifyChain(records, sha256, null, expected);

/** Another value for one member, its hash made to fit or not. */
const changed = fc
  .tuple(place, fc.constantFrom(...(Object.keys(chain[0]!) as (keyof AuditRecord)[])), fc.boolean())
  .map(([at, name, reseal]) => {
    const copy = structuredClone(chain);
    const record = copy[at] as unknown as Record<string, unknown>;
    const value = record[name];
    record[name] =
      name === "id"
        ? (value as number) + 100
        : value !== null && typeof value === "object"
          ? { ...value, extra: 1 }
          : `${value}x`;
    if (reseal && name !== "hash") copy[at] = sealed(copy[at]!);
    return { copy, at };
  });
const removed = place.map((at) => ({ copy: chain.toSpliced(at, 1), at }));
const repeated = fc
  .tuple(place, place)
  .map(([at, which]) => ({ copy: chain.toSpliced(at, 0, chain[which]!), at }));
const inserted = place.map((at) => ({
  copy: chain.toSpliced(
    at,
    0,
    sealed({ ...chain[at]!, actor: "forged", previous: chain[at - 1]?.hash ?? BEFORE_THE_FIRST }),
  ),
  at,
}));
const swapped = fc
  .tuple(place, place)
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => {
    const copy = [...chain];
    [copy[a], copy[b]] = [copy[b]!, copy[a]!];
    return { copy, at: Math.min(a, b) };
  });

describe("checking a chain", () => {
  it("passes one that is as it was written, whole or in parts, with Node's hash or a browser's", async () => {
    expect(await check(chain)).toEqual({ intact: true, records: LENGTH, head, broken: null });
    const first = await check(chain.slice(0, 5), null);
    expect(await verifyChain(chain.slice(5), sha256, first.head, head)).toMatchObject({
      intact: true,
      records: LENGTH,
    });
    const browser = async (text: string) =>
      Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString(
        "hex",
      );
    expect(await verifyChain(chain, browser)).toMatchObject({ intact: true });
    expect(await verifyChain([], sha256)).toMatchObject({ intact: true, records: 0, head: null });
  });

  it("finds any single edit, also one whose hash was made to fit, and nothing before it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(changed, removed, repeated, inserted, swapped),
        async ({ copy, at }) => {
          const { intact, broken, records } = await check(copy);
          expect(intact).toBe(false);
          // A record that was sealed anew shows at the one after it, or at the head that is known.
          expect(broken!.id).toBeGreaterThanOrEqual(at + 1);
          expect(broken!.id).toBeLessThanOrEqual(at + 2);
          expect(records).toBeLessThan(broken!.id);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("without a known head misses nothing but what was done to the end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(changed, removed, inserted, swapped).filter(({ at }) => at < LENGTH - 1),
        async ({ copy }) => {
          expect((await check(copy, null)).intact).toBe(false);
        },
      ),
    );
    expect((await check(chain.slice(0, -1), null)).intact).toBe(true);
    expect((await check(chain.slice(0, -2))).broken).toMatchObject({ id: 11, fault: "cut" });
  });

  it.each([
    ["a removed record", chain.toSpliced(3, 1), { id: 4, fault: "missing" }],
    ["two removed ones", chain.toSpliced(3, 2), { id: 4, fault: "missing" }],
    ["a changed word", chain.with(3, { ...chain[3]!, actor: "x" }), { id: 4, fault: "changed" }],
    ["a repeated record", chain.toSpliced(4, 0, chain[3]!), { id: 5, fault: "misplaced" }],
    ["a chain that begins elsewhere", chain.slice(2), { id: 1, fault: "missing" }],
    ["no record", chain.with(3, null as never), { id: 4, fault: "unreadable" }],
  ])("names %s", async (_, records, expected) => {
    expect((await check(records)).broken).toMatchObject(expected);
  });
});

it("the canonical text does not depend on the order of members, nor on ones that are null", () => {
  expect(canonical({ b: [1, "é\n"], a: { d: null, c: 1e21 } })).toBe(
    '{"a":{"c":1e+21,"d":null},"b":[1,"é\\n"]}',
  );
  const { hash: _, ...record } = chain[0]!;
  const { reason: __, ...without } = record;
  expect(sealedText(without as UnsealedRecord)).toBe(sealedText(record));
});
