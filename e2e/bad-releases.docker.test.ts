import type { OperationView } from "@chela/shared/fleet/view";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type EngineEvent, EngineLog, outAtOnce } from "./harness/engine-log.ts";
import { Fleet } from "./harness/fleet.ts";
import type { LoadReport, Sample } from "./harness/load.ts";
import { answersOf, failedSteps, replacedIn } from "./harness/rollout-record.ts";

const GATEWAYS = ["gw-1", "gw-2", "gw-3"];
/** Long enough for every fault to show; a good release never comes this far here. */
const STRATEGY = { soakMs: 15_000 };
/** The bound, from the first bad sample until the old release serves everything again. */
const BAD_FOR_MS = 10_000;

/** When it was first seen to be bad, on the samples' clock: by default, as soon as it answered anything. */
type FirstBad = (answers: readonly Sample[], events: readonly EngineEvent[]) => number;
const firstAnswer: FirstBad = ([first]) => first?.answeredAtMs ?? 0;
const firstDeath =
  (release: string): FirstBad =>
  (_, events) =>
    events.find(({ action, image }) => action === "die" && image.endsWith(`-${release}`))!.atMs -
    performance.timeOrigin;

describe("a bad release at 200 requests a second is rolled back by itself", () => {
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

  /** Rolls the release out under load; whatever was wrong with it, this holds afterwards. */
  async function tried(
    release: string,
    {
      nodeOptions = [],
      firstBad = firstAnswer,
    }: { nodeOptions?: string[]; firstBad?: FirstBad } = {},
  ): Promise<{ operation: OperationView; report: LoadReport; exposed: string }> {
    const before = await fleet.view();
    const active = await fleet.active();
    const image = await fleet.badImage(release, ...nodeOptions);
    const load = fleet.load(release);
    const operation = await fleet.api
      .mutate<{ operationId: string }>("rollouts.start", {
        ...{ fleet: fleet.name, image, strategy: STRATEGY },
      })
      .then(({ operationId }) => fleet.api.finished(operationId, 170_000))
      .finally(() => load.stop());
    const report = await load.stop();
    const bad = answersOf(release, report);
    const badForMs = (bad.at(-1)?.answeredAtMs ?? 0) - firstBad(bad, engine.events);
    console.log(
      `${release}: ${Math.round(report.forMs)} ms, ${report.due} webhooks, ${bad.length} answered by it, the last ${Math.round(badForMs)} ms after the first bad sample, ${report.failed.length} failed, p99 ${Math.round(report.p99Ms)} ms. ${operation.outcome}`,
    );

    expect(operation.state).toBe("rolled-back");
    // One gateway, once there and once back; never the active one.
    const [exposed, ...others] = new Set(replacedIn(operation));
    expect(others).toEqual([]);
    expect(exposed).not.toBe(active);
    const created = engine.events.filter(({ action }) => action === "create");
    expect(created.map(({ gateway }) => gateway)).toEqual([exposed, exposed]);
    expect(outAtOnce(engine.events)).toBe(1);
    // The old release serves everything again, in the containers' own words and the clients'.
    const after = await fleet.view();
    expect(after.gateways.map((g) => [g.image, g.release])).toEqual(
      before.gateways.map((g) => [g.image, g.release]),
    );
    expect(badForMs).toBeLessThanOrEqual(BAD_FOR_MS);
    // What failed, failed at that gateway, and was taken when it was sent again.
    expect(report.failed.filter((sample) => sample.release !== release)).toEqual([]);
    expect(await fleet.faults(report)).toEqual([]);
    expect(operation.edgeReloads).toBe(0);
    // The step that failed names the gateway.
    expect(failedSteps(operation).map(({ gateway }) => gateway)).toContain(exposed);
    return { operation, report, exposed: exposed! };
  }

  it("its gateway ends at the start: no request meets it", async () => {
    const { operation, report } = await tried("exits");
    expect(report.failed).toEqual([]);
    expect(operation.outcome).toContain("the model registry cannot be read");
  });

  it("its gateway is never ready: no request fails", async () => {
    const { operation, report } = await tried("never-ready");
    expect(report.failed).toEqual([]);
    expect(operation.outcome).toMatch(/not healthy.*redis/is);
  });

  it("its gateway answers errors: only its own share fails, and the error rate is named", async () => {
    const { operation, report, exposed } = await tried("answers-errors");
    expect(report.failed.length).toBeGreaterThan(0);
    for (const { status, why } of report.failed) {
      expect(status).toBe(500);
      expect(why).toContain(exposed);
    }
    expect(operation.outcome).toMatch(/error/i);
    expect(operation.rollout!.judgements).toContainEqual(
      expect.objectContaining({
        ...{ gateway: exposed, verdict: "fail" },
        checks: expect.arrayContaining([
          expect.objectContaining({ name: "error-rate", verdict: "fail" }),
        ]),
      }),
    );
  });

  it("its gateway leaks until it is killed: no request fails, and the restart is named", async () => {
    const { operation, report, exposed } = await tried("leaks", {
      nodeOptions: ["--max-old-space-size=96"],
      firstBad: firstDeath("leaks"),
    });
    expect(report.failed).toEqual([]);
    const deaths = engine.events.filter(({ action }) => action === "die" || action === "oom");
    expect(deaths.length).toBeGreaterThan(2); // the old container, the leaking one, and what replaced it
    expect(operation.outcome).toMatch(/memory/i);
    expect(operation.rollout!.judgements).toContainEqual(
      expect.objectContaining({
        ...{ gateway: exposed, verdict: "fail" },
        checks: expect.arrayContaining([
          expect.objectContaining({ name: "restarts", verdict: "fail" }),
        ]),
      }),
    );
  });

  it("its gateway is slow: no request fails, and the slow answers are named", async () => {
    const { operation, report, exposed } = await tried("slow");
    expect(report.failed).toEqual([]);
    expect(answersOf("slow", report).length).toBeGreaterThan(0);
    expect(operation.outcome).toMatch(/slow|250 ms/i);
    expect(operation.rollout!.judgements).toContainEqual(
      expect.objectContaining({
        ...{ gateway: exposed, verdict: "fail" },
        checks: expect.arrayContaining([
          expect.objectContaining({ name: "slow-answers", verdict: "fail" }),
        ]),
      }),
    );
  });
});
