import type { OperationView } from "@chela/shared/fleet/view";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EngineLog } from "./harness/engine-log.ts";
import { Fleet } from "./harness/fleet.ts";
import { until } from "./harness/wait.ts";

const GATEWAYS = ["gw-1", "gw-2", "gw-3"];
const KILLS = 10;
const MOMENT_MAX_MS = 2_500;
/** Long enough for the rollout to outlast the last kill. */
const SOAK_MS = 15_000;
/** From the start of the console's container until its controller goes on. */
const GOES_ON_WITHIN_MS = 3_000;

describe("the controller of a real fleet", () => {
  let fleet: Fleet;
  let engine: EngineLog;
  beforeAll(async () => {
    fleet = await Fleet.up({ CHELA_GATEWAYS: String(GATEWAYS.length) });
    engine = new EngineLog(fleet.name);
  });
  afterAll(async () => {
    await engine?.stop();
    await fleet?.down();
  });
  beforeEach(async () => {
    await fleet.settled();
    engine.clear();
  });

  const recorded = async (from: string, known: readonly string[]): Promise<OperationView> =>
    until(`the failover from ${from} to be written down`, async () => {
      const { items } = await fleet.api.operations(fleet.name);
      return items.find(
        ({ id, automatic, failover }) =>
          automatic !== null && failover?.from.includes(from) && !known.includes(id),
      );
    });
  const knownNow = async () => (await fleet.api.operations(fleet.name)).items.map(({ id }) => id);

  /** What the console's log says since its container's last start, and when. */
  async function wentOnAfterMs(): Promise<number> {
    const console = fleet.container("console");
    const startedAt = Date.parse(
      await fleet.docker("inspect", "-f", "{{.State.StartedAt}}", console),
    );
    return until("the controller to go on", async () => {
      const log = await fleet.docker("logs", "--since", new Date(startedAt).toISOString(), console);
      const line = log.split("\n").find((text) => text.includes("going on with an operation"));
      return line === undefined ? null : (JSON.parse(line) as { time: number }).time - startedAt;
    });
  }

  it("killed at ten moments of a rollout it goes on within 3 s of its start, and nothing happens twice", async () => {
    const image = await fleet.newImage("controller");
    const { operationId } = await fleet.api.mutate<{ operationId: string }>("rollouts.start", {
      ...{ fleet: fleet.name, image, strategy: { soakMs: SOAK_MS } },
    });
    const afterMs: number[] = [];
    while (afterMs.length < KILLS) {
      // The random moment is the condition.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * MOMENT_MAX_MS));
      const { endedAt, outcome } = await fleet.api.operation(operationId);
      if (endedAt !== null) throw new Error(`over after ${afterMs.length} kills: ${outcome}`);
      await fleet.docker("kill", "--signal", "KILL", fleet.container("console"));
      await fleet.docker("start", fleet.container("console"));
      afterMs.push(await wentOnAfterMs());
      await until("the console to answer", () => fleet.api.operation(operationId));
    }
    console.log(`went on after ${afterMs.join(", ")} ms`);
    expect(Math.max(...afterMs)).toBeLessThan(GOES_ON_WITHIN_MS);
    const operation = await fleet.api.finished(operationId, 170_000);
    expect(operation).toMatchObject({ state: "succeeded", edgeReloads: 0 });
    expect(operation.outcome).toContain("No nginx reload.");
    expect((await fleet.view()).gateways.map((gateway) => gateway.image)).toEqual(
      GATEWAYS.map(() => image),
    );
    const created = engine.events.filter(({ action }) => action === "create");
    expect(created.map(({ gateway }) => gateway).sort()).toEqual(GATEWAYS);
    const steps = operation.steps.filter(({ name }) => name === "replace");
    expect(steps.map(({ gateway }) => gateway).sort()).toEqual(GATEWAYS);
    // What the rollout moved while no console looked is its own doing.
    const { items } = await fleet.api.operations(fleet.name);
    expect(items.filter(({ automatic }) => automatic?.cause.includes("was away"))).toEqual([]);
  });

  it("writes down a failover that nobody ordered: cause, timeline, probe through the edge", async () => {
    const known = await knownNow();
    const active = await fleet.active();
    await fleet.kill(active);
    const record = await recorded(active, known);
    console.log(`${record.title}: ${record.outcome}`);
    expect(record).toMatchObject({
      ...{ kind: "failover", state: "succeeded", requestedBy: "automatic" },
      automatic: { cause: `${active}'s process died (exit 137)` },
      failover: { from: [active], to: expect.not.stringMatching(active) },
    });
    expect(record.steps.map(({ name, state }) => [name, state])).toEqual([
      ["detected", "done"],
      ["fenced", "done"],
      ["taken-over", "done"],
      ["verified", "done"],
    ]);
    await fleet.settled();
    // Once, whatever came of it later.
    const { items } = await fleet.api.operations(fleet.name);
    expect(items.filter(({ id, automatic }) => automatic && !known.includes(id))).toHaveLength(1);
  });

  it("writes it down also when the console was away, and says so", async () => {
    const known = await knownNow();
    const active = await fleet.active();
    const { shards } = await fleet.view();
    const held = async (gateway: string) => (await fleet.status(gateway)).shards.length;
    const others = GATEWAYS.filter((gateway) => gateway !== active);
    await fleet.docker("kill", fleet.container("console"));
    await fleet.kill(active);
    await until("another one to hold every shard", async () => {
      const counts = await Promise.all(others.map(held));
      return counts.reduce((sum, count) => sum + count, 0) === shards.total;
    });
    await fleet.docker("start", fleet.container("console"));
    const record = await recorded(active, known);
    console.log(`${record.title}: ${record.outcome}`);
    expect(record.automatic?.cause).toContain("while the console was away");
    expect(record.steps.slice(0, 2).map(({ state }) => state)).toEqual(["skipped", "skipped"]);
  });

  it("a switchover counts its reloads: none", async () => {
    const operation = await fleet.api.finished(
      await fleet.api.promote(fleet.name, await fleet.standby()),
    );
    expect(operation).toMatchObject({ state: "succeeded", edgeReloads: 0, automatic: null });
    expect(operation.outcome).toContain("No nginx reload.");
  });

  it("automatic failover is paused loudly, and a dead active is still replaced in the end", async () => {
    const asked = { fleet: fleet.name, reason: "work on the switch" };
    await fleet.api.mutate("failover.pause", asked);
    const paused = await fleet.view();
    expect(paused.failoverPaused).toMatchObject({ reason: "work on the switch" });
    expect(paused.health.notes.join(" ")).toContain("PAUSED");
    const active = await fleet.active();
    const { incarnation } = await fleet.status(active);
    await fleet.kill(active);
    await until("somebody to hold every shard again", async () => {
      const statuses = await Promise.all(GATEWAYS.map((gateway) => fleet.status(gateway)));
      const held = statuses.reduce((sum, { shards }) => sum + shards.length, 0);
      return (
        held === paused.shards.total && !statuses.some((each) => each.incarnation === incarnation)
      );
    });
    await fleet.api.mutate("failover.resume", { fleet: fleet.name });
    expect((await fleet.view()).failoverPaused).toBeNull();
  });

  it("a refusal names every check that fails", async () => {
    const gateway = await fleet.standby();
    await fleet.pause(gateway);
    try {
      await until("the standby to be seen as it is", async () => {
        const { gateways } = await fleet.view();
        return gateways.find(({ name }) => name === gateway)?.role === "down";
      });
      const target = { fleet: fleet.name, gateway, kind: "switchover" };
      const startedMs = performance.now();
      const refusal = await fleet.api.mutate("failover.execute", target).then(
        () => new Error("it was not refused"),
        (error: Error) => error,
      );
      const tookMs = performance.now() - startedMs;
      console.log(`refused after ${Math.round(tookMs)} ms: ${refusal.message}`);
      expect(refusal).toMatchObject({ code: "PRECONDITION_FAILED", reason: "check-candidate" });
      expect(refusal.message).toContain("candidate:");
      expect(refusal.message).toContain("assistant:");
    } finally {
      await fleet.resume(gateway);
    }
  });
});
