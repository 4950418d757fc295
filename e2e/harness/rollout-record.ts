import type { OperationStep, OperationView } from "@chela/shared/fleet/view";
import type { LoadReport, Sample } from "./load.ts";

/** What a rollout's own record and its clients' samples say. Pure. */

const inTime = (a: OperationStep, b: OperationStep) => a.startedAt!.localeCompare(b.startedAt!);

/** Gateways in the order in which they were replaced, forward and back. */
export function replacedIn(operation: OperationView): string[] {
  return operation.steps
    .filter(({ name, state }) => name === "replace" && state === "done")
    .sort(inTime)
    .map(({ gateway }) => gateway!);
}

/** Steps that failed. */
export function failedSteps(operation: OperationView): OperationStep[] {
  return operation.steps.filter(({ state }) => state === "failed");
}

/** Answers by a bad release, in the order in which they came. */
export function answersOf(release: string, report: LoadReport): Sample[] {
  return report.samples
    .filter((sample) => sample.release === release)
    .sort((a, b) => a.answeredAtMs - b.answeredAtMs);
}
