import { fakeView } from "@chela/shared/fleet/testing/fake-view";
import { expect, test } from "vitest";
import { plain } from "../terminal/style.ts";
import { statusLines } from "./status.ts";

const GATEWAYS = [
  { name: "gw-1", release: 1, shards: 16 },
  { name: "gw-2", release: 1, shards: 0 },
];

test("a fleet's gateways stand below its sentence, with role, health, epoch and load", () => {
  const text = statusLines(fakeView(GATEWAYS), plain, 0).join("\n");
  expect(text).toContain("GATEWAY  ROLE     HEALTH   EPOCH  SHARDS  SESSIONS");
  expect(text).toMatch(/^gw-1 {5}active {3}healthy {6}1 {6}16/m);
  expect(text).toMatch(/^gw-2 {5}standby {2}healthy {6}– {7}0/m);
});

test("a paused failover, moves held back and drift are said before all else", () => {
  const lines = statusLines(
    fakeView(GATEWAYS, 1, 0, {
      failoverPaused: { by: "ada", reason: "kernel", at: "2026-11-22T10:00:00.000Z" },
      flapping: { moves: 3, windowMs: 60_000, detail: "3 moves in a minute.", since: "" },
      drift: ["gw-3 runs and is not in the spec."],
      operationId: "op_1",
    }),
    plain,
    0,
  );
  expect(lines.slice(1, 5)).toEqual([
    "! Automatic failover is PAUSED by ada since 2026-11-22T10:00:00.000Z (kernel); `failover resume` ends it.",
    "! 3 moves in a minute. `failover acknowledge` lets it move again.",
    "! Drift: gw-3 runs and is not in the spec.",
    "▸ op_1 is under way; `operations watch` follows it.",
  ]);
});
