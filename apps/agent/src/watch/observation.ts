import {
  type Exit,
  type GatewayContainer,
  type GatewayObservation,
  LABEL,
} from "@chela/shared/agent-link/schema";
import { surgeName } from "../docker/container-spec.ts";
import { numberLabel, operationOf } from "../docker/labels.ts";
import type { ContainerView } from "../docker/port.ts";
import type { StatusNote } from "./status-poller.ts";
import type { Usage } from "./usage.ts";

export interface ContainerFacts {
  readonly note: StatusNote;
  readonly usage: Usage | null;
  readonly restarts: number;
  readonly lastExit: Exit | null;
}

/** One container of a gateway as this host sees it: Docker's view, its own status, its usage. Pure. */
function containerSeen(view: ContainerView, facts: ContainerFacts): GatewayContainer {
  const { note, usage, restarts, lastExit } = facts;
  return {
    gateway: view.labels[LABEL.gateway] ?? "",
    containerId: view.id,
    containerName: view.name,
    image: view.image,
    imageId: view.imageId,
    state: view.state,
    exitCode: view.exitCode,
    outOfMemory: view.outOfMemory,
    lastExit,
    startedAt: view.startedAt,
    restarts,
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

/**
 * The gateways that these containers are. Two of one gateway are the one that serves and the surge one; a surge one
 * that is alone serves, whatever its name still says. Pure.
 */
export function gatewayObservations(
  views: readonly ContainerView[],
  fleet: string,
  factsOf: (view: ContainerView) => ContainerFacts,
  portsOf: (gateway: string) => { port: number | null; secondPort: number | null },
): GatewayObservation[] {
  const byGateway = Map.groupBy(views, (view) => view.labels[LABEL.gateway]);
  return [...byGateway].flatMap(([gateway, containers]) => {
    if (gateway === undefined) return [];
    const isSurge = (view: ContainerView) => view.name === surgeName(fleet, gateway);
    const serving = containers.find((view) => !isSurge(view)) ?? containers[0]!;
    const surge = containers.find((view) => isSurge(view) && view !== serving);
    const { port, secondPort } = portsOf(gateway);
    return {
      ...containerSeen(serving, factsOf(serving)),
      ports: [port, secondPort].filter((each) => each !== null),
      surge: surge === undefined ? null : containerSeen(surge, factsOf(surge)),
    };
  });
}
