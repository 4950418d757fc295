import type { Fleets } from "../fleet/fleets.ts";
import type { Commands } from "./console.ts";

/** Every command, to the fleet that it names or that its operation belongs to. */
export function commandsOf(
  fleets: Fleets,
  fleetOf: (operationId: string) => Promise<string>,
): Commands {
  const of = ({ fleet }: { fleet: string }): Commands => fleets.get(fleet).commands;
  const steering = async (operationId: string): Promise<Commands> =>
    fleets.get(await fleetOf(operationId)).commands;
  return {
    previewFailover: async (request) => of(request).previewFailover(request),
    executeFailover: async (request, by) => of(request).executeFailover(request, by),
    pauseFailover: async (request, by) => of(request).pauseFailover(request, by),
    resumeFailover: async (request, by) => of(request).resumeFailover(request, by),
    acknowledgeFlapping: async (request, by) => of(request).acknowledgeFlapping(request, by),
    planRollout: async (request) => of(request).planRollout(request),
    startRollout: async (request, by) => of(request).startRollout(request, by),
    rollBack: async (request, by) => of(request).rollBack(request, by),
    pause: async (id, by) => (await steering(id)).pause(id, by),
    resume: async (id, by) => (await steering(id)).resume(id, by),
    approve: async (id, stage, by) => (await steering(id)).approve(id, stage, by),
    abort: async (id, by) => (await steering(id)).abort(id, by),
    gateway: async (kind, request, by) => of(request).gateway(kind, request, by),
    createGateway: async (request, by) => of(request).createGateway(request, by),
    applyEdges: async (request, by) => of(request).applyEdges(request, by),
    exportSpec: async (fleet) => of({ fleet }).exportSpec(fleet),
    applySpec: async (request, by) => of(request).applySpec(request, by),
    previewDrain: async (request) => of(request).previewDrain(request),
    drainHost: async (request, by) => of(request).drainHost(request, by),
  };
}
