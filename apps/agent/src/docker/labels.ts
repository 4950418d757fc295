import { LABEL, type OperationRef } from "@chela/shared/agent-link/schema";

type Labels = Readonly<Record<string, string>>;

/** The operation and step that a container was created by; null: by none. */
export function operationOf(labels: Labels): OperationRef | null {
  const [id, step] = [labels[LABEL.operation], labels[LABEL.step]];
  return id === undefined || step === undefined ? null : { id, step };
}

export function carries(labels: Labels, operation: OperationRef): boolean {
  const own = operationOf(labels);
  return own !== null && own.id === operation.id && own.step === operation.step;
}

/** An integer label, null when absent or not one. */
export function numberLabel(labels: Labels, name: string): number | null {
  const text = labels[name];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

export function operationLabels(operation: OperationRef | null): Record<string, string> {
  return operation === null
    ? {}
    : { [LABEL.operation]: operation.id, [LABEL.step]: operation.step };
}
