import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OperationView, RolloutPlan } from "@chela/shared/fleet/view";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EngineLog, outAtOnce } from "./harness/engine-log.ts";
import { Fleet } from "./harness/fleet.ts";
import type { Load } from "./harness/load.ts";
import { replacedIn } from "./harness/rollout-record.ts";
import { until } from "./harness/wait.ts";

const GATEWAYS = ["gw-1", "gw-2", "gw-3"];
const SHORT = { soakMs: 1_000 };
describe("a rollout of three gateways at 200 requests a second", () => {
  let fleet: Fleet;
  let engine: EngineLog;
  let load: Load;
  beforeAll(async () => {
    fleet = await Fleet.up({ CHELA_GATEWAYS: String(GATEWAYS.length) });
    engine = new EngineLog(fleet.name);
  });
  afterAll(async () => {
    await engine?.stop();
    await fleet?.down();
  });
  let run = 0;
  beforeEach(async () => {
    await fleet.settled();
    engine.clear();
    load = fleet.load(`run-${++run}`);
  });
  afterEach(async () => {
    await load.stop();
  });

  const start = async (input: object) => {
    const started = fleet.api.mutate<{ operationId: string }>("rollouts.start", {
      fleet: fleet.name,
      ...input,
    });
    return (await started).operationId;
  };
  const finished = (operationId: string) => fleet.api.finished(operationId, 170_000);
  const images = async () => (await fleet.view()).gateways.map(({ image }) => image);

  /** Nobody outside has noticed: nothing failed, lost, doubled or out of order, and no edge was reloaded. */
  async function unnoticed(operation: OperationView): Promise<void> {
    const report = await load.stop();
    console.log(
      `${operation.title}: ${Math.round(report.forMs)} ms, ${report.due} webhooks, p50 ${Math.round(report.p50Ms)} ms, p99 ${Math.round(report.p99Ms)} ms, slowest ${Math.round(report.slowestMs)} ms. ${operation.outcome}`,
    );
    expect(report.failed).toEqual([]);
    expect(await fleet.faults(report)).toEqual([]);
    expect(operation.edgeReloads).toBe(0);
    expect((await fleet.view()).edges.map(({ reloads }) => reloads)).toEqual([0]);
  }

  it("one at a time: every gateway, the active last, nobody notices", async () => {
    const image = await fleet.newImage("b");
    const active = await fleet.active();
    const plan = await fleet.api.query<RolloutPlan>("rollouts.plan", {
      ...{ fleet: fleet.name, image, strategy: SHORT },
    });
    const operationId = await start({ image, strategy: SHORT, planHash: plan.planHash });
    await expect(start({ image })).rejects.toMatchObject({ code: "CONFLICT" });
    const operation = await finished(operationId);
    expect(operation).toMatchObject({ kind: "rollout", state: "succeeded" });
    await unnoticed(operation);
    expect(await images()).toEqual(GATEWAYS.map(() => image));
    expect(replacedIn(operation)).toEqual(plan.order.map(({ gateway }) => gateway));
    expect(replacedIn(operation).at(-1)).toBe(active);
    expect(outAtOnce(engine.events)).toBe(1);
  });

  it("in batches of two, one out at a time: nobody notices", async () => {
    const image = await fleet.newImage("c");
    const strategy = { ...SHORT, batchSize: 2, maxUnavailable: 1 };
    const operation = await finished(await start({ image, strategy }));
    expect(operation).toMatchObject({ state: "succeeded" });
    await unnoticed(operation);
    expect(await images()).toEqual(GATEWAYS.map(() => image));
    expect(outAtOnce(engine.events)).toBe(1);
    // The first two soak together, the third by itself.
    const soaks = operation.steps.filter(({ name }) => name === "soak");
    expect(new Set(soaks.map(({ startedAt }) => startedAt)).size).toBe(2);
  });

  it("start first: never one gateway fewer, nobody notices", async () => {
    const image = await fleet.newImage("d");
    const strategy = { ...SHORT, order: "startFirst" };
    const operation = await finished(await start({ image, strategy }));
    expect(operation).toMatchObject({ state: "succeeded" });
    await unnoticed(operation);
    expect(await images()).toEqual(GATEWAYS.map(() => image));
    expect(outAtOnce(engine.events)).toBe(0);
    // The serving ones have their plain names again, and nothing is left beside them.
    const all = ["ps", "-a", "--filter", `label=chela.fleet=${fleet.name}`];
    const names = await fleet.docker(...all, "--format", "{{.Names}}");
    expect(names.split("\n").filter((name) => name.includes("-gw-"))).toHaveLength(3);
    expect(names).not.toContain("-next");
  });

  it("a canary holds its share of the shards and waits for approval of what was seen", async () => {
    const image = await fleet.newImage("e");
    const stages = [
      { count: 1, approval: true },
      { percent: 60, waitMs: 500 },
    ];
    const operationId = await start({ image, strategy: { ...SHORT, canary: { stages } } });
    const gate = await until("the gate", async () => {
      const { rollout, endedAt, outcome } = await fleet.api.operation(operationId);
      if (endedAt !== null) throw new Error(outcome ?? "over");
      return rollout?.gate?.needs === "approval" ? rollout.gate : null;
    });
    const { gateways, shards } = await fleet.view();
    const canaries = gateways.filter((gateway) => gateway.image === image);
    expect(canaries).toHaveLength(1);
    await expect
      .poll(async () => (await fleet.status(canaries[0]!.name)).shards.length)
      .toBeGreaterThan(0);
    expect((await fleet.status(canaries[0]!.name)).shards.length).toBeLessThan(shards.total);
    await expect(
      fleet.api.mutate("rollouts.approve", { operationId, stage: "of another time" }),
    ).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await fleet.api.operation(operationId)).toMatchObject({ state: "running" });
    await fleet.api.mutate("rollouts.approve", { operationId, stage: gate.stage });
    const operation = await finished(operationId);
    expect(operation).toMatchObject({ state: "succeeded" });
    await unnoticed(operation);
    expect(await images()).toEqual(GATEWAYS.map(() => image));
    expect(outAtOnce(engine.events)).toBe(1);
  });

  it("the configuration only: another release of the same image, nobody notices", async () => {
    const before = await fleet.view();
    const file = join(fleet.stateDir, "gateway.json");
    const config = JSON.parse(readFileSync(file, "utf8"));
    config.gateway.webhook.deduplicationTTL = 600;
    const operationId = await start({ config: JSON.stringify(config), strategy: SHORT });
    const operation = await finished(operationId);
    expect(operation).toMatchObject({
      state: "succeeded",
      rollout: { changes: ["configuration"] },
    });
    await unnoticed(operation);
    const after = await fleet.view();
    expect(after.gateways.map((g) => g.image)).toEqual(before.gateways.map((g) => g.image));
    for (const [n, { release }] of after.gateways.entries()) {
      expect(release).toBeGreaterThan(before.gateways[n]!.release!);
    }
    expect(outAtOnce(engine.events)).toBe(1);
  });

  it("back to an earlier release, image and configuration together: nobody notices", async () => {
    const { items } = await fleet.api.operations(fleet.name);
    const earlier = items.find(({ rollout }) => rollout?.toImage.endsWith("-c"))!.rollout!;
    const { operationId } = await fleet.api.mutate<{ operationId: string }>("rollouts.rollback", {
      ...{ fleet: fleet.name, release: earlier.toRelease },
    });
    const operation = await finished(operationId);
    expect(operation).toMatchObject({ kind: "rollback", state: "succeeded" });
    await unnoticed(operation);
    const { gateways } = await fleet.view();
    expect(gateways.map(({ image }) => image)).toEqual(GATEWAYS.map(() => earlier.toImage));
    expect(gateways.map(({ release }) => release)).toEqual(GATEWAYS.map(() => earlier.toRelease));
    expect(operation.steps.filter(({ name }) => name === "soak")).toEqual([]);
    expect(outAtOnce(engine.events)).toBe(1);
  });

  it("aborted in the middle: what was changed goes back, nobody notices", async () => {
    const before = await images();
    const image = await fleet.newImage("f");
    const operationId = await start({ image, strategy: { soakMs: 30_000 } });
    await until("the first gateway to soak", async () =>
      (await fleet.api.operation(operationId)).steps.some(
        (step) => step.name === "soak" && step.state === "running",
      ),
    );
    await fleet.api.mutate("rollouts.abort", { operationId });
    const operation = await finished(operationId);
    expect(operation).toMatchObject({ state: "aborted" });
    await unnoticed(operation);
    expect(await images()).toEqual(before);
    const replaced = replacedIn(operation);
    expect(replaced).toEqual([replaced[0], replaced[0]]);
    expect(outAtOnce(engine.events)).toBe(1);
  });

  it("a failover in the middle changes the order, not the outcome", async () => {
    const image = await fleet.newImage("g");
    const active = await fleet.active();
    const out = engine.next(({ action }) => action === "die");
    const operationId = await start({ image, strategy: SHORT });
    // While the first one is out and the active dies, only the third can take over, still on the old release.
    const { gateway } = await out;
    expect(gateway).not.toBe(active);
    await fleet.kill(active);
    const third = GATEWAYS.find((name) => name !== active && name !== gateway)!;
    const operation = await finished(operationId);
    expect(operation).toMatchObject({ state: "succeeded" });
    await unnoticed(operation);
    expect(await images()).toEqual(GATEWAYS.map(() => image));
    expect(replacedIn(operation)).toEqual([gateway, active, third]);
  });

  it("is refused for an image that is not there, and touches nothing", async () => {
    const repository = (await images())[0]!.split(":")[0];
    await expect(start({ image: `${repository}:no-such-tag` })).rejects.toMatchObject({
      code: expect.stringMatching(/BAD_REQUEST|NOT_FOUND|PRECONDITION_FAILED/),
    });
    expect(engine.events).toEqual([]);
  });
});
