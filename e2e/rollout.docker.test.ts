import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./harness/fleet.ts";
import { until } from "./harness/wait.ts";

describe("a rollout", () => {
  let fleet: Fleet;
  let first: string;
  beforeAll(async () => {
    fleet = await Fleet.up();
    first = (await fleet.view()).gateways[0]!.image;
  });
  afterAll(async () => {
    await fleet?.down();
  });

  const start = (image: string, strategy: object = { soakMs: 1_000 }) =>
    fleet.api.mutate<{ operationId: string }>("rollouts.start", {
      fleet: fleet.name,
      image,
      strategy,
    });
  /** What makes a container another one. */
  const container = (gateway: string) =>
    fleet.docker("inspect", "-f", "{{.Id}} {{.Config.Image}}", fleet.container(gateway));

  it("brings a new image to every gateway, the active last, with no failed request", async () => {
    await fleet.settled();
    const image = await fleet.newImage("b");
    const active = await fleet.active();
    const traffic = fleet.traffic("rollout");
    const { operationId } = await start(image, {});
    await expect(start(image)).rejects.toMatchObject({ code: "CONFLICT" });
    const operation = await fleet.api.finished(operationId, 170_000);
    expect(operation).toMatchObject({ kind: "rollout", state: "succeeded" });
    const report = await traffic.stop();
    expect(report.failed).toEqual([]);
    expect(await fleet.faults(report)).toEqual([]);
    const { gateways, edges } = await fleet.view();
    expect(gateways.map((g) => g.image)).toEqual(gateways.map(() => image));
    const replaced = operation.steps
      .filter((step) => step.name === "replace" && step.state === "done")
      .sort((a, b) => a.startedAt!.localeCompare(b.startedAt!))
      .map((step) => step.gateway);
    expect(replaced).toHaveLength(gateways.length);
    expect(replaced.at(-1)).toBe(active);
    expect(edges[0]!.reloads).toBe(0);
  });

  it("goes on after the console was killed in the middle, replacing no container twice", async () => {
    await fleet.settled();
    const image = await fleet.newImage("c");
    const seen = new Map<string, Set<string>>();
    let watching = true;
    const watch = (async () => {
      while (watching) {
        for (const gateway of ["gw-1", "gw-2"]) {
          const now = await container(gateway).catch(() => null);
          if (now) seen.set(gateway, (seen.get(gateway) ?? new Set()).add(now));
        }
      }
    })();
    const { operationId } = await start(image, {});
    await until("the first container to be replaced", () =>
      [...seen.values()].some((ids) => ids.size > 1),
    );
    await fleet.docker("kill", fleet.container("console"));
    await fleet.docker("start", fleet.container("console"));
    await until("the console to answer", () => fleet.api.operation(operationId));
    const operation = await fleet.api.finished(operationId, 170_000);
    watching = false;
    await watch;
    expect(operation.state).toBe("succeeded");
    expect((await fleet.view()).gateways.map((g) => g.image)).toEqual([image, image]);
    for (const ids of seen.values()) expect(ids.size).toBe(2);
  });

  it("brings every changed gateway back when aborted", async () => {
    await fleet.settled();
    const before = (await fleet.view()).gateways.map((g) => g.image);
    const { operationId } = await start(await fleet.newImage("d"), { soakMs: 30_000 });
    await until("the first gateway to soak", async () =>
      (await fleet.api.operation(operationId)).steps.some(
        (step) => step.name === "soak" && step.state === "running",
      ),
    );
    await fleet.api.mutate("rollouts.abort", { operationId });
    expect(await fleet.api.finished(operationId)).toMatchObject({ state: "aborted" });
    expect((await fleet.view()).gateways.map((g) => g.image)).toEqual(before);
    await fleet.settled();
  });

  it("is refused for an image that is not there, and touches nothing", async () => {
    const before = await Promise.all(["gw-1", "gw-2"].map(container));
    await expect(
      start(`${first.slice(0, first.lastIndexOf(":"))}:no-such-tag`),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/BAD_REQUEST|NOT_FOUND|PRECONDITION_FAILED/),
    });
    expect(await Promise.all(["gw-1", "gw-2"].map(container))).toEqual(before);
  });
});
