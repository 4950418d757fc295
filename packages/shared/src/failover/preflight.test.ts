import { describe, expect, it } from "vitest";
import { fakeView } from "../fleet/testing/fake-view.ts";
import { previewFailover } from "./plan.ts";
import { blocked, preflight } from "./preflight.ts";

const fine = { heartbeat: true, assistantUp: true };
const pair = () =>
  fakeView([
    { name: "gw-1", release: 1, shards: 16 },
    { name: "gw-2", release: 1, shards: 0 },
  ]);
const blocks = (...args: Parameters<typeof preflight>) => blocked(preflight(...args))?.name ?? null;

describe("preflight", () => {
  it("lets a healthy standby become active", () => {
    expect(blocks(pair(), "gw-2", "switchover", fine)).toBeNull();
  });

  it("refuses a candidate whose heartbeat is old, also by force: nobody would take over", () => {
    const silent = { heartbeat: false, assistantUp: false };
    expect(blocks(pair(), "gw-2", "switchover", silent)).toBe("candidate");
    expect(blocks(pair(), "gw-2", "failover", silent)).toBe("candidate");
  });

  it("refuses the one that is active already, a draining one, and one beside a running operation", () => {
    expect(blocks(pair(), "gw-1", "switchover", fine)).toBe("role");
    const draining = fakeView([
      { name: "gw-1", release: 1, shards: 16 },
      { name: "gw-2", release: 1, shards: 0, draining: true },
    ]);
    expect(blocks(draining, "gw-2", "switchover", fine)).toBe("role");
    expect(blocks({ ...pair(), operationId: "op_1" }, "gw-2", "switchover", fine)).toBe(
      "operation",
    );
  });

  it("lets force pass an assistant that is down, which a switchover does not", () => {
    const mute = { heartbeat: true, assistantUp: false };
    expect(blocks(pair(), "gw-2", "switchover", mute)).toBe("assistant");
    expect(blocks(pair(), "gw-2", "failover", mute)).toBeNull();
  });

  it("warns of another version and names both", () => {
    const mixed = fakeView([
      { name: "gw-1", release: 1, shards: 16 },
      { name: "gw-2", release: 2, shards: 0 },
    ]);
    const check = preflight(mixed, "gw-2", "switchover", fine).find(
      ({ name }) => name === "version",
    );
    expect(check).toMatchObject({ verdict: "warn" });
    expect(check?.detail).toContain("release 2");
  });

  it("previews who leaves, how much moves and what it costs", () => {
    const preview = previewFailover(pair(), { gateway: "gw-2", kind: "switchover" }, fine, "hash");
    expect(preview).toMatchObject({ from: ["gw-1"], to: "gw-2", figures: { shards: 16 } });
    expect(preview.steps.map(({ name }) => name)).toEqual(["prefer", "handover", "verify"]);
  });
});
