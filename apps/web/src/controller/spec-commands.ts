import { Refusal } from "@chela/shared/errors/refusal";
import { type ChangeFacts, changeStages } from "@chela/shared/fleet/change-stages";
import { fleetDifference } from "@chela/shared/fleet/difference";
import { documentOf, type FleetDocument, readDocument } from "@chela/shared/fleet/document";
import { documentFaults } from "@chela/shared/fleet/document-faults";
import type { Drift } from "@chela/shared/fleet/drift";
import { driftChange, driftStages } from "@chela/shared/fleet/drift-stages";
import { changeBreaksFloor, changeTo } from "@chela/shared/fleet/fleet-change";
import type { FleetDifference, FleetView } from "@chela/shared/fleet/view";
import { beginSequence } from "@chela/shared/operation/sequence";
import { readYaml, specYaml } from "../fleet/spec-yaml.ts";
import type { Commands } from "../server/console.ts";
import { newOperationId } from "./operation.ts";
import type { Ordering } from "./ordering.ts";
import { floorRefusal, refuseBusy, releasesOf } from "./placing.ts";

/** The fleet as a document: written out, compared, applied. */
export class SpecCommands {
  readonly #deps: Ordering;

  constructor(deps: Ordering) {
    this.#deps = deps;
  }

  exportSpec: Commands["exportSpec"] = async (fleet) => {
    const view = await this.#deps.view(fleet);
    return { yaml: specYaml(this.#document(), view.hosts) };
  };

  applySpec: Commands["applySpec"] = async (request, by) => {
    const view = await this.#deps.view(request.fleet);
    const earlier = request.dryRun === true ? null : await this.#deps.earlier(request);
    const is = this.#document();
    const wanted = this.#read(request.yaml, is, view);
    const difference = fleetDifference(is, wanted);
    by.note?.({ subject: request.fleet, ...summary(difference) });
    if (earlier !== null) return { difference, ...earlier };
    if (difference.length === 0) {
      by.note?.({ detail: "The fleet is what the document says: nothing was done." });
      return { difference };
    }
    const change = changeTo(is, wanted);
    if (request.dryRun !== true) refuseBusy(view);
    // While an operation runs, who serves says nothing about when this one would begin.
    const broken = view.operationId === null ? changeBreaksFloor(change, view, wanted.floor) : null;
    if (broken !== null) throw floorRefusal(broken);
    if (request.dryRun === true) {
      by.note?.({ after: null, detail: "A dry run: nothing was changed." });
      return { difference };
    }
    const nowMs = this.#deps.clock.wallMs();
    const id = newOperationId(nowMs);
    const facts: ChangeFacts = { view, operationId: id, ...(await releasesOf(this.#deps.desired)) };
    const started = await this.#deps.begin(
      {
        id,
        kind: "fleet-apply",
        title: `Apply the fleet's spec: ${counted(difference)}`,
        machine: beginSequence(
          changeStages(change, facts),
          {
            success: `The fleet is what the document says: ${counted(difference)}. Done in {ms}.`,
            restores: true,
          },
          nowMs,
        ),
      },
      request,
      by,
    );
    by.note?.({ operation: started.operationId });
    return { difference, ...started };
  };

  /** Ordered by nobody: the spec says `reconcile: auto`. @throws Refusal */
  async correctDrift(drifts: Drift[]): Promise<void> {
    const { clock, desired } = this.#deps;
    const view = await this.#deps.view(desired.spec.fleet);
    refuseBusy(view);
    const change = driftChange(drifts, desired.spec);
    const broken = changeBreaksFloor(change, view, desired.spec.floor);
    if (broken !== null) throw floorRefusal(broken);
    const nowMs = clock.wallMs();
    const id = newOperationId(nowMs);
    const releases = await releasesOf(desired);
    const facts = { view, operationId: id, ...releases, releaseOf: () => releases.release };
    await this.#deps.begin(
      {
        id,
        kind: "fleet-apply",
        title: "Correct drift",
        machine: beginSequence(
          driftStages(drifts, change, facts),
          { success: "The fleet is what its spec says again. Done in {ms}.", restores: true },
          nowMs,
        ),
      },
      { fleet: view.fleet, reason: drifts.map(({ sentence }) => sentence).join(" ") },
      { name: "reconcile: auto", from: null },
    );
  }

  #document(): FleetDocument {
    const { spec, release } = this.#deps.desired;
    return documentOf(spec, release && { number: release.number, image: release.image });
  }

  /** @throws Refusal with every fault, each with its line. */
  #read(yaml: string, is: FleetDocument, view: FleetView): FleetDocument {
    const text = readYaml(yaml);
    if (text.faults.length > 0) throw unreadable(text.faults);
    const read = readDocument(text.value, is);
    const faults = "faults" in read ? read.faults : documentFaults(is, read.document, view.hosts);
    if ("faults" in read || faults.length > 0) throw unreadable(faults.map(text.placed));
    return read.document;
  }
}

const unreadable = (faults: readonly string[]) =>
  new Refusal("BAD_REQUEST", "bad-document", faults.join("\n"));

function counted(difference: readonly FleetDifference[]): string {
  return difference.length === 1 ? "1 change" : `${difference.length} changes`;
}

/** For the record: what was, what is wanted. */
function summary(difference: readonly FleetDifference[]) {
  const of = (side: "before" | "after") =>
    Object.fromEntries(difference.map((each) => [each.path, each[side]]));
  return { before: of("before"), after: of("after") };
}
