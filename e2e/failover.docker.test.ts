import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./harness/fleet.ts";
import { until } from "./harness/wait.ts";

describe("who is active", () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await Fleet.up();
  });
  afterAll(async () => {
    await fleet?.down();
  });

  it("moves by promotion, five times in a row under traffic, with no failed request", async () => {
    await fleet.settled();
    const reloadsBefore = (await fleet.view()).edges[0]!.reloads;
    const traffic = fleet.traffic("promote");
    for (let round = 0; round < 5; round++) {
      const standby = await fleet.standby();
      const operation = await fleet.api.finished(await fleet.api.promote(fleet.name, standby));
      expect(operation).toMatchObject({ kind: "switchover", state: "succeeded" });
      expect(operation.steps.every((step) => step.ms !== null)).toBe(true);
      // What a terminal operation did shows in fleets.get at once.
      expect((await fleet.roles())[standby]).toBe("active");
    }
    const report = await traffic.stop();
    expect(report.failed).toEqual([]);
    expect(await fleet.faults(report)).toEqual([]);
    expect((await fleet.view()).edges[0]!.reloads).toBe(reloadsBefore);
  });

  it("refuses a plan that no longer fits the fleet", async () => {
    await fleet.settled();
    const target = { fleet: fleet.name, gateway: await fleet.standby(), kind: "switchover" };
    await expect(
      fleet.api.mutate("failover.execute", { ...target, planHash: "of another fleet" }),
    ).rejects.toMatchObject({ code: "CONFLICT" });
  });

  /** Milliseconds from SIGKILL of the active to the standby holding every shard, by its own word. */
  async function killActive(): Promise<number> {
    await fleet.settled();
    const active = await fleet.active();
    const standby = await fleet.standby();
    const shards = (await fleet.view()).shards.total;
    const { incarnation } = await fleet.status(active);
    const killedMs = performance.now();
    await fleet.kill(active);
    await until(
      `${standby} to hold every shard`,
      async () => (await fleet.status(standby)).shards.length === shards,
      { everyMs: 5 },
    );
    const tookMs = performance.now() - killedMs;
    await until(
      `${active} to run again`,
      async () => (await fleet.status(active)).incarnation !== incarnation,
    );
    return tookMs;
  }

  it("passes to the standby within 500 ms of a kill with the agent's help, losing and doubling nothing", async () => {
    await fleet.settled();
    const traffic = fleet.traffic("kill");
    const took: number[] = [];
    for (let round = 0; round < 3; round++) took.push(await killActive());
    await fleet.settled(); // the killed gateway runs again, as standby
    const report = await traffic.stop();
    expect(report.failed).toEqual([]);
    expect(await fleet.faults(report)).toEqual([]);
    const median = took.sort((a, b) => a - b)[1]!;
    console.log(`takeover with the agent: ${took.map(Math.round).join(", ")} ms`);
    expect(median).toBeLessThanOrEqual(500);
  });

  it("passes to the standby within 3 s of a kill without agent and console", async () => {
    await fleet.settled();
    const active = await fleet.active();
    const traffic = fleet.traffic("alone");
    await fleet.docker(
      "stop",
      "-t",
      "2",
      fleet.container("agent-local"),
      fleet.container("console"),
    );
    const standby = active === "gw-1" ? "gw-2" : "gw-1";
    const killedMs = performance.now();
    await fleet.kill(active);
    await until(
      `${standby} to be active`,
      async () => {
        const status = await fleet.status(standby);
        return status.role === "active" && status.shards.length === 16;
      },
      { everyMs: 10 },
    );
    const tookMs = performance.now() - killedMs;
    console.log(`takeover alone: ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThanOrEqual(3_000);
    await fleet.docker("start", fleet.container("console"), fleet.container("agent-local"));
    await fleet.settled();
    const report = await traffic.stop();
    expect(report.failed).toEqual([]);
    expect(await fleet.faults(report)).toEqual([]);
  });

  it("leaves a paused active behind: it commits nothing after its lease ended and comes back as standby", async () => {
    await fleet.settled();
    const paused = await fleet.active();
    const other = await fleet.standby();
    const before = await fleet.status(paused);
    const traffic = fleet.traffic("paused");
    await fleet.pause(paused);
    await until(`${other} to be active`, async () => (await fleet.status(other)).role === "active");
    await new Promise((resolve) => setTimeout(resolve, 10_000)); // the pause itself is the condition
    await fleet.resume(paused);
    await until(
      `${paused} to be standby by its own word`,
      async () => (await fleet.status(paused)).role === "standby",
    );
    await fleet.settled();
    const report = await traffic.stop();
    expect(await fleet.faults(report)).toEqual([]);
    // Epochs tell who wrote what: nothing of the paused one's old epochs stands after the other's first.
    const old = Math.max(...before.shards.map((s) => s.epoch));
    for (const session of report.accepted.keys()) {
      const { messages } = await fleet.api.session(fleet.name, `generic:${session}`);
      const handover = messages.findIndex((m) => m.gateway === other && m.epoch > old);
      expect(messages.slice(handover).filter((m) => m.gateway === paused)).toEqual([]);
    }
    expect(report.failed).toEqual([]);
  });

  it("is forced onto the standby only by its name typed", async () => {
    await fleet.settled();
    const target = { fleet: fleet.name, gateway: await fleet.standby(), kind: "failover" };
    await expect(fleet.api.mutate("failover.execute", target)).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
    const { operationId } = await fleet.api.mutate<{ operationId: string }>("failover.execute", {
      ...target,
      confirm: target.gateway,
      reason: "game day",
    });
    expect(await fleet.api.finished(operationId)).toMatchObject({ state: "succeeded" });
    expect((await fleet.roles())[target.gateway]).toBe("active");
  });
});
