import type { GatewayContainer, GatewayStatus } from "@chela/shared/agent-link/schema";
import type { Observation } from "@chela/shared/fleet/observation";
import { describe, expect, it } from "vitest";
import { lastEnd, surgeHealth } from "./container-health.ts";

const status = (ready: boolean) =>
  ({
    ready,
    role: "standby",
    reasons: ready ? [] : ["starting: Wait a moment."],
  }) as Partial<GatewayStatus> as GatewayStatus;
const container = (more: Partial<GatewayContainer>) =>
  ({
    state: "running",
    release: 1,
    restarts: 0,
    lastExit: null,
    status: null,
    ...more,
  }) as Partial<GatewayContainer> as GatewayContainer;
const seen = (serving: GatewayContainer, surge: GatewayContainer | null) =>
  ({
    nowMs: 0,
    spec: { gateways: [{ name: "gw-1", host: "local" }] },
    hosts: [
      {
        ...{ name: "local", connected: true, reportAtMs: 0 },
        report: { gateways: [{ ...serving, gateway: "gw-1", surge }] },
      },
    ],
  }) as unknown as Observation;

describe("a surge container", () => {
  const old = container({ status: status(true) });

  it("counts by itself, however well the one that serves is", () => {
    const next = container({ release: 2, status: status(false) });
    expect(surgeHealth(seen(old, next), "gw-1")).toMatchObject({
      ...{ ok: false, release: 2, reason: "starting: Wait a moment." },
    });
    const ready = container({ release: 2, status: status(true) });
    expect(surgeHealth(seen(old, ready), "gw-1")).toMatchObject({ ok: true, release: 2 });
  });

  it("that has taken over since is the one that serves", () => {
    const taken = container({ release: 2, status: status(true) });
    expect(surgeHealth(seen(taken, null), "gw-1")).toMatchObject({ ok: true, release: 2 });
  });
});

it("says how the last run ended, memory before exit code", () => {
  const ended = (code: number | null, outOfMemory: boolean) =>
    lastEnd({
      ...{ ok: false, release: 1, restarts: 1, role: "down", reason: "" },
      lastExit: { code, outOfMemory, at: "" },
    });
  expect(ended(137, true)).toBe(" It was killed for want of memory.");
  expect(ended(78, false)).toBe(" It ended with exit code 78.");
});
