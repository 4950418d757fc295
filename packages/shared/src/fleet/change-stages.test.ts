import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Action, ActionResult } from "../operation/action.ts";
import {
  advanceSequence,
  beginSequence,
  type SequenceStage,
  type SequenceState,
  sequenceOrders,
} from "../operation/sequence.ts";
import { type ChangeFacts, changeStages } from "./change-stages.ts";
import { fleetDifference } from "./difference.ts";
import type { FleetDocument } from "./document.ts";
import { documentFaults } from "./document-faults.ts";
import { changeBreaksFloor, changeTo } from "./fleet-change.ts";
import { drainImpact, planHostDrain } from "./host-drain.ts";
import { ModelFleet } from "./testing/model-fleet.ts";

/** Hundreds of runs: on a busy machine more than the usual five seconds. */
const SLOW = { timeout: 60_000 };
const HOSTS = ["host-a", "host-b", "host-c"];
const RELEASE = { number: 1, image: "chela/gateway:1", imageId: "sha256:1" };

const gateways = (least: number) =>
  fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("gw-1", "gw-2", "gw-3", "gw-4", "gw-5"),
      host: fc.constantFrom(...HOSTS),
      weight: fc.integer({ min: 1, max: 3 }),
      backup: fc.boolean(),
    }),
    { selector: ({ name }) => name, minLength: least },
  );
const documents = fc
  .record({
    mode: fc.constantFrom("active-standby" as const, "active-active" as const),
    actives: fc.integer({ min: 1, max: 3 }),
    floor: fc.integer({ min: 1, max: 3 }),
    reconcile: fc.constantFrom("manual" as const, "auto" as const),
    gateways: gateways(1),
    edges: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom("edge-1", "edge-2"),
        host: fc.constantFrom(...HOSTS),
        port: fc.integer({ min: 8080, max: 8082 }),
      }),
      { selector: ({ name }) => name },
    ),
  })
  .map(
    (rest): FleetDocument => ({
      ...{ fleet: "f", release: { number: 1, image: RELEASE.image }, ...rest },
      actives: rest.mode === "active-standby" ? 1 : rest.actives,
    }),
  );

const factsOf = (model: ModelFleet): ChangeFacts => ({
  ...{ view: model.view(HOSTS), release: RELEASE, releaseOf: () => RELEASE, operationId: "op_1" },
});

/** Runs the stages; `answer` may make one fail, `aborting` says after how many it is aborted. */
function run(
  model: ModelFleet,
  stages: SequenceStage[],
  abortAfter = Number.POSITIVE_INFINITY,
  answer: (action: Action, index: number) => ActionResult = (action) => model.do(action),
): SequenceState {
  let state = beginSequence(stages, { success: "Done.", restores: true }, 0);
  for (let done = 0; ; done++) {
    const [order] = sequenceOrders(state);
    if (order === undefined) return state;
    if (done === abortAfter) state = { ...state, aborting: true };
    state = advanceSequence(state, new Map([[order.key, answer(order.action, done)]]), done + 1);
  }
}

/** Those that can be applied as they are. */
function possible(is: FleetDocument, wanted: FleetDocument): boolean {
  const { view } = factsOf(new ModelFleet(is, is.gateways[0]!.name));
  return (
    is.gateways.length >= is.floor &&
    documentFaults(is, wanted, view.hosts).length === 0 &&
    changeBreaksFloor(changeTo(is, wanted), view, wanted.floor) === null
  );
}

const byName = <T extends { name: string }>(items: readonly T[]) =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
const sorted = (document: FleetDocument): FleetDocument => ({
  ...document,
  ...{ gateways: byName(document.gateways), edges: byName(document.edges) },
});

describe("applying a document", SLOW, () => {
  it("ends with what it says, with one reload, never below the floor, and stops no holder", () => {
    let applied = 0;
    fc.assert(
      fc.property(documents, documents, fc.nat(), (is, wanted, pick) => {
        fc.pre(possible(is, wanted));
        const model = new ModelFleet(is, is.gateways[pick % is.gateways.length]!.name);
        const state = run(model, changeStages(changeTo(is, wanted), factsOf(model)));
        if (fleetDifference(is, wanted).length > 0) applied++;
        if (state.steps.length > 0) expect(state.state).toBe("succeeded");
        expect(sorted(model.record)).toEqual(sorted(wanted));
        expect(model.control).toEqual({ mode: wanted.mode, actives: wanted.actives });
        expect([...model.containers.keys()].sort()).toEqual(
          wanted.gateways.map(({ name, host }) => `${host}/${name}`).sort(),
        );
        expect(model.upstreams.sort()).toEqual([...model.containers.keys()].sort());
        expect([...model.edges].sort()).toEqual(
          wanted.edges.map(({ name, host }) => `${host}/${name}`).sort(),
        );
        expect(model.reloads).toBeLessThanOrEqual(1);
        expect(model.wrongs).toEqual([]);
        // A higher floor counts from when it can be kept.
        const least = Math.min(wanted.floor, is.gateways.length);
        expect(model.fewest).toBeGreaterThanOrEqual(least);
      }),
      { numRuns: 400 },
    );
    expect(applied).toBeGreaterThan(50);
  });

  it.each(["abort", "failure"] as const)(
    "after an %s at any step leaves nothing drained, and the record names all that is there",
    (how) => {
      fc.assert(
        fc.property(documents, documents, fc.nat(), fc.nat({ max: 12 }), (is, wanted, pick, at) => {
          fc.pre(possible(is, wanted));
          const model = new ModelFleet(is, is.gateways[pick % is.gateways.length]!.name);
          const stages = changeStages(changeTo(is, wanted), factsOf(model));
          run(model, stages, how === "abort" ? at : undefined, (action, index) =>
            how === "failure" && index === at && action.type !== "forget"
              ? { ok: false, reason: "fault", message: "It failed." }
              : model.do(action),
          );
          expect([...model.containers.values()].filter(({ draining }) => draining)).toEqual([]);
          const named = model.record.gateways.map(({ name, host }) => `${host}/${name}`);
          expect([...model.containers.keys()].filter((place) => !named.includes(place))).toEqual(
            [],
          );
          expect(model.wrongs).toEqual([]);
          // What is not done yet is still a difference: applied again it gets there.
          if (how === "abort" && possible(model.record, wanted)) {
            run(model, changeStages(changeTo(model.record, wanted), factsOf(model)));
            expect(sorted(model.record)).toEqual(sorted(wanted));
          }
        }),
        { numRuns: 400 },
      );
    },
  );

  it("does nothing where the document says what is", () => {
    fc.assert(
      fc.property(documents, (is) => {
        const model = new ModelFleet(is, null);
        expect(fleetDifference(is, structuredClone(is))).toEqual([]);
        expect(changeStages(changeTo(is, structuredClone(is)), factsOf(model))).toEqual([]);
      }),
    );
  });
});

describe("draining a host", SLOW, () => {
  it("leaves no gateway on it, never goes below floor or actives, and stops no holder", () => {
    let drained = 0;
    fc.assert(
      fc.property(documents, fc.nat(), fc.constantFrom("others", "none"), (is, pick, moveTo) => {
        const model = new ModelFleet(is, is.gateways[pick % is.gateways.length]!.name);
        const facts = factsOf(model);
        const serving = is.gateways.length;
        const plan = planHostDrain(facts.view, is.floor, "host-a", moveTo);
        fc.pre(plan.checks.every(({ verdict }) => verdict !== "fail"));
        if (plan.gateways.length > 0) drained++;
        expect(drainImpact(facts.view, "host-a", plan)).not.toBe("");
        const state = run(model, [
          { name: "cordon", action: { type: "cordon", host: "host-a" } },
          ...changeStages(plan.change, facts),
        ]);
        expect(state.state).toBe("succeeded");
        expect([...model.containers.keys()].filter((place) => place.startsWith("host-a/"))).toEqual(
          [],
        );
        expect(model.wrongs).toEqual([]);
        expect(model.fewest).toBeGreaterThanOrEqual(Math.min(is.floor, serving));
        if (moveTo === "others") {
          const wanted = is.mode === "active-active" ? is.actives : 1;
          expect(model.fewest).toBeGreaterThanOrEqual(Math.min(wanted, serving));
          expect(model.record.gateways).toHaveLength(serving);
        }
      }),
      { numRuns: 400 },
    );
    expect(drained).toBeGreaterThan(50);
  });
});
