import { expect, it } from "vitest";
import type { ObservedFailover } from "./observed.ts";
import { failoverRecord } from "./record.ts";

const seen: ObservedFailover = {
  ...{ from: "gw-1", to: ["gw-2"], shards: 16, key: "k", epoch: 8 },
  cause: "gw-1's process died (exit 137)",
  detected: { atMs: 1_000, detail: "gw-1 ended with exit code 137." },
  fenced: { atMs: 1_040, detail: "16 shards of gw-1 freed in 3.1 ms." },
  takenOverAtMs: 1_100,
};
const fine = { ok: true, detail: "edge-1 answered 3 of 3." };

it("a record says cause, who took over and how soon, and measures each step", () => {
  const record = failoverRecord(seen, fine, 1_150);
  expect(record).toMatchObject({
    state: "succeeded",
    outcome:
      "gw-1's process died (exit 137). gw-2 took over 16 shards 100 ms after it was noticed.",
  });
  expect(record.steps.map(({ name, state, ms }) => ({ name, state, ms }))).toEqual([
    { name: "detected", state: "done", ms: 0 },
    { name: "fenced", state: "done", ms: 40 },
    { name: "taken-over", state: "done", ms: 60 },
    { name: "verified", state: "done", ms: 50 },
  ]);
});

it("a failed probe makes it a failed one, and says why", () => {
  const record = failoverRecord(seen, { ok: false, detail: "3 of 3 requests failed." }, 1_150);
  expect(record).toMatchObject({ state: "failed" });
  expect(record.outcome).toContain("3 of 3 requests failed.");
});

it("what happened while the console was away is marked as not known", () => {
  const record = failoverRecord({ ...seen, detected: null, fenced: null }, fine, 1_150);
  expect(record.steps.slice(0, 2)).toMatchObject([
    {
      name: "detected",
      state: "skipped",
      startedAt: null,
      detail: expect.stringContaining("away"),
    },
    { name: "fenced", state: "skipped", startedAt: null },
  ]);
  expect(record.outcome).toBe("gw-1's process died (exit 137). gw-2 took over 16 shards.");
});

it("one that took its own shards back is said so", () => {
  expect(failoverRecord({ ...seen, to: ["gw-1"] }, fine, 1_150).outcome).toContain(
    "gw-1 took its 16 shards back",
  );
});
