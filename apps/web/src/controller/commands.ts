import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import type { Drift } from "@chela/shared/fleet/drift";
import type { Observation } from "@chela/shared/fleet/observation";
import type { FleetView, OperationView } from "@chela/shared/fleet/view";
import { beginSequence } from "@chela/shared/operation/sequence";
import type { RolloutState } from "@chela/shared/rollout/state";
import { approveRollout, pauseRollout } from "@chela/shared/rollout/steer";
import type { ControlKeeper } from "../fleet/control-keeper.ts";
import type { DesiredFleet } from "../fleet/desired.ts";
import type { Actor, Commands, FailoverRequest, Started } from "../server/console.ts";
import type { Controller } from "./controller.ts";
import { FailoverCommands } from "./failover-commands.ts";
import { GatewayCommands } from "./gateway-commands.ts";
import { HostDrainCommands } from "./host-drain-commands.ts";
import { type Machine, newOperationId, type Operation } from "./operation.ts";
import type { Ordering } from "./ordering.ts";
import { PlanMemory } from "./plan-memory.ts";
import { noSuchFleet } from "./refusals.ts";
import { RolloutCommands, type RolloutDeps } from "./rollout-commands.ts";
import { SpecCommands } from "./spec-commands.ts";

export interface CommandDeps extends Omit<RolloutDeps, "begin" | "plans" | "view"> {
  clock: Clock;
  controller: Controller;
  desired: DesiredFleet;
  /** A look from now, not from before the request. */
  look(): Promise<FleetView>;
  observation(): Observation | null;
  /** The last look, without one from now. */
  seen(): FleetView | null;
  keeper: ControlKeeper;
}

/** Everything an operator can order. Each asks the same pure rules that the screen shows, then hands an operation to the controller. */
export class FleetCommands implements Commands {
  readonly #deps: CommandDeps;
  readonly #plans = new PlanMemory();
  readonly #rollouts: RolloutCommands;
  readonly #gateways: GatewayCommands;
  readonly #specs: SpecCommands;
  readonly #drains: HostDrainCommands;
  readonly #failovers: FailoverCommands;

  constructor(deps: CommandDeps) {
    this.#deps = deps;
    this.#rollouts = new RolloutCommands({
      ...deps,
      plans: this.#plans,
      view: (fleet) => this.#view(fleet),
      begin: (begun) => this.#begin(begun),
    });
    const ordering: Ordering = {
      clock: deps.clock,
      desired: deps.desired,
      plans: this.#plans,
      view: (fleet) => this.#view(fleet),
      earlier: (request) => this.#earlier(request),
      begin: ({ id, ...operation }, request, by) =>
        this.#begin({ ...this.#common(id, request, by), ...operation }),
    };
    this.#gateways = new GatewayCommands(ordering);
    this.#specs = new SpecCommands(ordering);
    this.#drains = new HostDrainCommands(ordering);
    this.#failovers = new FailoverCommands({ ...deps, ...ordering });
  }

  planRollout: Commands["planRollout"] = (request) => this.#rollouts.plan(request);
  startRollout: Commands["startRollout"] = (request, by) =>
    this.#noted(by, request.image ?? null, () => this.#rollouts.start(request, by));
  rollBack: Commands["rollBack"] = (request, by) =>
    this.#noted(by, String(request.release ?? "previous"), () =>
      this.#rollouts.rollBack(request, by),
    );
  pause: Commands["pause"] = (id, by) => this.#steer(id, by, paused(true));
  resume: Commands["resume"] = (id, by) => this.#steer(id, by, paused(false));
  approve: Commands["approve"] = (id, stage, by) =>
    this.#steer(id, by, (machine) => approveRollout(mustRoll(machine), stage, by.name));
  abort: Commands["abort"] = (id, by) =>
    this.#steer(id, by, (machine) => ({ ...machine, aborting: true }));

  previewFailover: Commands["previewFailover"] = (request) => this.#failovers.preview(request);
  executeFailover: Commands["executeFailover"] = (request, by) =>
    this.#noted(by, request.gateway, () => this.#failovers.execute(request, by));
  pauseFailover: Commands["pauseFailover"] = (request, by) => this.#failovers.pause(request, by);
  resumeFailover: Commands["resumeFailover"] = (request, by) => this.#failovers.resume(request, by);
  acknowledgeFlapping: Commands["acknowledgeFlapping"] = (request, by) =>
    this.#failovers.acknowledge(request, by);

  gateway: Commands["gateway"] = (kind, request, by) =>
    this.#noted(by, request.gateway, () => this.#gateways.gateway(kind, request, by));
  createGateway: Commands["createGateway"] = (request, by) =>
    this.#noted(by, request.gateway ?? request.host, () =>
      this.#gateways.createGateway(request, by),
    );
  exportSpec: Commands["exportSpec"] = (fleet) => this.#specs.exportSpec(fleet);
  applySpec: Commands["applySpec"] = (request, by) => this.#specs.applySpec(request, by);
  /** For drift that is to be corrected by itself. */
  correctDrift = (drifts: Drift[]): Promise<void> => this.#specs.correctDrift(drifts);
  previewDrain: Commands["previewDrain"] = (request) => this.#drains.previewDrain(request);
  drainHost: Commands["drainHost"] = (request, by) => this.#drains.drainHost(request, by);

  applyEdges: Commands["applyEdges"] = (request, by) =>
    this.#noted(by, null, async () => {
      await this.#view(request.fleet);
      const earlier = await this.#earlier(request);
      if (earlier !== null) return earlier;
      const nowMs = this.#deps.clock.wallMs();
      return this.#begin({
        ...this.#common(newOperationId(nowMs), { ...request, reason: undefined }, by),
        kind: "edge-apply",
        title: "Apply the edge configuration",
        machine: beginSequence(
          [
            { name: "edges", action: { type: "edges" } },
            { name: "verify", action: { type: "verify" } },
          ],
          { success: "Every edge runs what the fleet asks for. Done in {ms}." },
          nowMs,
        ),
      });
    });

  async #view(fleet: string): Promise<FleetView> {
    const known = this.#deps.desired.spec.fleet;
    if (fleet !== known) throw noSuchFleet(fleet, [known]);
    return this.#deps.look();
  }

  async #earlier(request: {
    fleet: string;
    idempotencyKey?: string | undefined;
  }): Promise<Started | null> {
    const earlier = await this.#deps.store.byIdempotencyKey(
      request.fleet,
      request.idempotencyKey ?? null,
    );
    return earlier === null ? null : { operationId: earlier.id };
  }

  #common(
    id: string,
    request: Pick<FailoverRequest, "fleet"> & {
      reason?: string | undefined;
      idempotencyKey?: string | undefined;
    },
    by: Actor,
  ): Omit<Operation, "kind" | "title" | "machine"> {
    return {
      id,
      fleet: request.fleet,
      failover: null,
      version: 1,
      requestedBy: by.name,
      reason: request.reason ?? null,
      idempotencyKey: request.idempotencyKey ?? null,
      startedAtMs: this.#deps.clock.wallMs(),
      endedAtMs: null,
    };
  }

  async #begin(operation: Operation): Promise<Started> {
    return { operationId: (await this.#deps.controller.start(operation)).id };
  }

  async #steer(
    operationId: string,
    by: Actor,
    change: (machine: Machine) => Machine,
  ): Promise<OperationView> {
    return this.#noted(by, operationId, async () =>
      this.#deps.controller.view(
        await this.#deps.controller.steer(operationId, (machine) => {
          const changed = change(machine);
          by.note?.({ before: steerable(machine), after: steerable(changed) });
          return changed;
        }),
      ),
    );
  }

  /** What the record of the request says beyond its outcome. */
  async #noted<T extends Started | OperationView>(
    by: Actor,
    subject: string | null,
    work: () => Promise<T>,
  ): Promise<T> {
    by.note?.({ subject });
    const result = await work();
    by.note?.({ operation: "operationId" in result ? result.operationId : result.id });
    return result;
  }
}

const steerable = (machine: Machine) => ({
  state: machine.state,
  aborting: machine.aborting,
  ...(machine.machine === "rollout" && {
    paused: machine.paused,
    approved: machine.phase.at === "gate" ? machine.phase.approvedBy : null,
  }),
});

const paused = (pause: boolean) => (machine: Machine) => pauseRollout(mustRoll(machine), pause);

function mustRoll(machine: Machine): RolloutState {
  if (machine.machine === "rollout") return machine;
  throw new Refusal(
    "CONFLICT",
    "not-a-rollout",
    "Only a rollout can be paused, resumed and approved.",
  );
}
