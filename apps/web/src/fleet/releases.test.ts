import { fakeView } from "@chela/shared/fleet/testing/fake-view";
import { expect, it } from "vitest";
import type { Release } from "../store/fleets.ts";
import { knownReleases } from "./releases.ts";

const release = (number: number): Release => ({
  fleet: "f",
  number,
  image: `chela/gateway:${number}`,
  imageId: `sha256:${number}`,
  config: "{}",
  configHash: "h",
  createdAtMs: 0,
});
const all = [5, 4, 3, 2, 1].map(release);
const desired = {
  release: release(4),
  releases: async (before: number | null, limit: number) =>
    all.filter(({ number }) => before === null || number < before).slice(0, limit),
};
const view = fakeView([
  { name: "gw-1", release: 4, shards: 16 },
  { name: "gw-2", release: 3, shards: 0 },
]);

it("names the release that is wanted, and the gateways that run each", async () => {
  const { items } = await knownReleases(desired, view, {});
  expect(items.map(({ number, current, gateways }) => [number, current, gateways])).toEqual([
    [5, false, []],
    [4, true, ["gw-1"]],
    [3, false, ["gw-2"]],
    [2, false, []],
    [1, false, []],
  ]);
});

it("pages to the end, each release once", async () => {
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await knownReleases(desired, view, { limit: 2, cursor });
    seen.push(...page.items.map(({ number }) => number));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual([5, 4, 3, 2, 1]);
});
