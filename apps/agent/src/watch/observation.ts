import { type GatewayObservation, LABEL } from "@chela/shared/agent-link/schema";
import { numberLabel, operationOf } from "../docker/labels.ts";
import type { ContainerView } from "../docker/port.ts";
import type { StatusNote } from "./status-poller.ts";
import type { Usage } from "./usage.ts";

/** One gateway as this host sees it: Docker's view, its own status, its usage. Pure. */
export function gatewayObservation(
  view: ContainerView,
  note: StatusNote,
  usage: Usage | null,
): GatewayObservation {
  return {
    gateway: view.labels[LABEL.gateway] ?? "",
    containerId: view.id,
    containerName: view.name,
    image: view.image,
    imageId: view.imageId,
    state: view.state,
    exitCode: view.exitCode,
    startedAt: view.startedAt,
    restarts: view.restarts,
    address: view.published,
    release: numberLabel(view.labels, LABEL.release),
    configHash: view.labels[LABEL.config] ?? null,
    operation: operationOf(view.labels),
    status: note.status,
    statusAt: note.at,
    statusError: note.error,
    cpuPercent: usage?.cpuPercent ?? null,
    memoryBytes: usage?.memoryBytes ?? null,
  };
}
