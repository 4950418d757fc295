import { TestClock } from "@chela/shared/clock/test-clock";
import type { Observation } from "@chela/shared/fleet/observation";
import { fakeView } from "@chela/shared/fleet/testing/fake-view";
import type { FleetView } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { FailoverCommands, type FailoverDeps } from "./failover-commands.ts";
import { PlanMemory } from "./plan-memory.ts";

const by = { name: "Mira", from: null };
const pair = (over: Partial<FleetView> = {}) =>
  fakeView(
    [
      { name: "gw-1", release: 1, shards: 16 },
      { name: "gw-2", release: 1, shards: 0 },
    ],
    1,
    1_700_000_000_000,
    over,
  );

function commands(over: Partial<FailoverDeps> & { shown?: FleetView } = {}) {
  const clock = new TestClock();
  const begun: string[] = [];
  const view = over.shown ?? pair();
  const observation = (live: boolean) =>
    ({
      nowMs: clock.wallMs(),
      spec: { gateways: [{ name: "gw-2", host: "local" }] },
      hosts: [],
      redis: {
        nowMs: 5,
        members: live
          ? [{ name: "gw-2", incarnation: "a", assistantUp: true, since: 1, at: 5 }]
          : [],
      },
    }) as unknown as Observation;
  const seen = observation(true);
  const all = new FailoverCommands({
    clock,
    desired: {} as FailoverDeps["desired"],
    plans: new PlanMemory(),
    view: async () => view,
    earlier: async () => null,
    begin: async ({ id }) => {
      begun.push(id);
      return { operationId: id };
    },
    store: { list: async () => ({ items: [], nextCursor: null }) },
    observation: () => seen,
    seen: () => view,
    keeper: { order: async () => ({ result: "missing" }) },
    ...over,
  });
  return { all, clock, begun };
}
const request = { fleet: "test", gateway: "gw-2", kind: "switchover" as const };

describe("a refusal", () => {
  it("names every check that fails, and starts nothing", async () => {
    const shown = pair({ operationId: null });
    shown.gateways[1]!.role = "draining";
    shown.redis.reachable = false;
    const { all, begun } = commands({ shown });
    const refusal = await all.execute(request, by).catch((error) => error);
    expect(refusal).toMatchObject({ code: "PRECONDITION_FAILED", reason: "check-role" });
    expect(refusal.message).toMatch(/role: .*draining.*redis: Redis does not answer/);
    expect(begun).toEqual([]);
  });

  it("comes within 200 ms, however long Redis and agents take", async () => {
    const shown = pair();
    shown.gateways[1]!.role = "draining";
    const { all, clock } = commands({ shown, view: () => new Promise(() => {}) });
    let refused: Error | null = null;
    const asked = all.execute(request, by).catch((error) => {
      refused = error;
    });
    await clock.advance(199);
    await asked;
    expect(refused).toMatchObject({ reason: "check-role" });
  });
});

describe("a plan", () => {
  it("that the console does not remember, after a restart, is refused with what to do", async () => {
    const { all, begun } = commands();
    const planned = commands({ shown: pair({ generation: 9 }) });
    const { planHash } = await planned.all.preview(request);
    const refusal = await all.execute({ ...request, planHash }, by).catch((error) => error);
    expect(refusal).toMatchObject({ code: "CONFLICT", reason: "plan-outdated" });
    expect(refusal.message).toContain("Look at the new plan");
    expect(begun).toEqual([]);
  });

  it("that still fits is carried out, also after a restart", async () => {
    const { planHash } = await commands().all.preview(request);
    const { all, begun } = commands();
    await all.execute({ ...request, planHash }, by);
    expect(begun).toHaveLength(1);
  });
});

it("a forced failover needs the name of who becomes active", async () => {
  const { all, begun } = commands();
  const forced = { ...request, kind: "failover" as const };
  await expect(all.execute({ ...forced, confirm: "gw-1" }, by)).rejects.toMatchObject({
    reason: "not-confirmed",
  });
  await all.execute({ ...forced, confirm: "gw-2" }, by);
  expect(begun).toHaveLength(1);
});

it("automatic failover is neither paused nor resumed between an operation's steps", async () => {
  const { all } = commands({ shown: pair({ operationId: "op_1" }) });
  for (const ask of [all.pause, all.resume, all.acknowledge]) {
    await expect(ask({ fleet: "test" }, by)).rejects.toMatchObject({ code: "CONFLICT" });
  }
});
