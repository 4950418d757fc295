import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import {
  beginFailover,
  planFacts as failoverFacts,
  leaving,
  previewFailover,
} from "@chela/shared/failover/plan";
import type { CandidateFacts } from "@chela/shared/failover/preflight";
import { tagOf } from "@chela/shared/fleet/image-reference";
import type { Observation } from "@chela/shared/fleet/observation";
import type { FleetView, OperationView } from "@chela/shared/fleet/view";
import { newestMember } from "@chela/shared/fleet/view-of";
import { beginSequence } from "@chela/shared/operation/sequence";
import type { DesiredFleet } from "../fleet/desired.ts";
import type { Actor, Commands, FailoverRequest, Started } from "../server/console.ts";
import type { Controller } from "./controller.ts";
import {
  creationStages,
  freeName,
  GATEWAY_WORDS,
  gatewayStages,
  refuseCreation,
} from "./gateway-stages.ts";
import { type Machine, newOperationId, type Operation } from "./operation.ts";
import { PlanMemory } from "./plan-memory.ts";
import { noSuchFleet, refuseBlocked } from "./refusals.ts";
import { RolloutCommands, type RolloutDeps } from "./rollout-commands.ts";

export interface CommandDeps extends Omit<RolloutDeps, "begin" | "plans" | "view"> {
  clock: Clock;
  controller: Controller;
  desired: DesiredFleet;
  /** A look from now, not from before the request. */
  look(): Promise<FleetView>;
  observation(): Observation | null;
}

/** Everything an operator can order. Each asks the same pure rules that the screen shows, then hands an operation to the controller. */
export class FleetCommands implements Commands {
  readonly #deps: CommandDeps;
  readonly #plans = new PlanMemory();
  readonly #rollouts: RolloutCommands;

  constructor(deps: CommandDeps) {
    this.#deps = deps;
    this.#rollouts = new RolloutCommands({
      ...deps,
      plans: this.#plans,
      view: (fleet) => this.#view(fleet),
      begin: (begun) => this.#begin(begun),
    });
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
  approve: Commands["approve"] = (id, _stage, by) =>
    this.#steer(id, by, () => {
      throw new Refusal("CONFLICT", "nothing-waits", "Nothing waits for an approval.");
    });
  abort: Commands["abort"] = (id, by) =>
    this.#steer(id, by, (machine) => ({ ...machine, aborting: true }));

  previewFailover: Commands["previewFailover"] = async (request) => {
    const view = await this.#view(request.fleet);
    this.#mustKnow(view, request.gateway);
    const hash = this.#plans.remember(failoverFacts(view, request));
    return previewFailover(view, request, this.#candidate(request.gateway), hash);
  };

  executeFailover: Commands["executeFailover"] = (request, by) =>
    this.#noted(by, request.gateway, async () => {
      const view = await this.#view(request.fleet);
      this.#mustKnow(view, request.gateway);
      const earlier = await this.#earlier(request);
      if (earlier !== null) return earlier;
      if (request.kind === "failover" && request.confirm !== request.gateway) {
        throw new Refusal(
          "BAD_REQUEST",
          "not-confirmed",
          `A forced failover needs confirm = ${request.gateway}, the name of the gateway that becomes active.`,
        );
      }
      by.note?.({
        before: { active: activesOf(view) },
        after: { active: request.gateway, forced: request.kind === "failover" },
      });
      this.#plans.mustFit(request.planHash, failoverFacts(view, request));
      const { checks } = previewFailover(view, request, this.#candidate(request.gateway), "");
      refuseBlocked(checks);
      const id = newOperationId(this.#deps.clock.wallMs());
      return this.#begin({
        ...this.#common(id, request, by),
        kind: request.kind,
        title:
          request.kind === "failover"
            ? `Fail over to ${request.gateway}`
            : `Promote ${request.gateway}`,
        failover: { from: leaving(view, request.gateway), to: request.gateway },
        machine: beginFailover(view, request, id, this.#deps.clock.wallMs()),
      });
    });

  gateway: Commands["gateway"] = (kind, request, by) =>
    this.#noted(by, request.gateway, async () => {
      const view = await this.#view(request.fleet);
      const { gateway } = request;
      this.#mustKnow(view, gateway);
      const earlier = await this.#earlier(request);
      if (earlier !== null) return earlier;
      if (kind === "gateway-remove" && request.confirm !== gateway) {
        throw new Refusal(
          "BAD_REQUEST",
          "not-confirmed",
          `Removing needs confirm = ${gateway}, the gateway's name.`,
        );
      }
      const seen = view.gateways.find(({ name }) => name === gateway)!;
      by.note?.({ before: { role: seen.role, health: seen.health, host: seen.host } });
      const words = GATEWAY_WORDS[kind];
      const nowMs = this.#deps.clock.wallMs();
      return this.#begin({
        ...this.#common(newOperationId(nowMs), request, by),
        kind,
        title: `${words.title} ${gateway}`,
        machine: beginSequence(
          gatewayStages(kind, gateway, view),
          { success: words.success.replace("{gateway}", gateway) },
          nowMs,
        ),
      });
    });

  createGateway: Commands["createGateway"] = (request, by) =>
    this.#noted(by, request.gateway ?? request.host, async () => {
      const view = await this.#view(request.fleet);
      const earlier = await this.#earlier(request);
      if (earlier !== null) return earlier;
      const gateway = request.gateway ?? freeName(view);
      const release = this.#deps.desired.release;
      refuseCreation(view, gateway, request.host);
      if (release === null) {
        throw new Refusal(
          "PRECONDITION_FAILED",
          "no-release",
          "The fleet has no release yet: wait until its first gateway runs.",
        );
      }
      const nowMs = this.#deps.clock.wallMs();
      const { host, weight = 1, backup = false } = request;
      by.note?.({
        subject: gateway,
        after: { gateway, host, weight, backup, release: release.number },
      });
      return this.#begin({
        ...this.#common(newOperationId(nowMs), { ...request, reason: undefined }, by),
        kind: "gateway-create",
        title: `Create ${gateway} on ${host}`,
        machine: beginSequence(
          creationStages({ gateway, host, weight, backup }, release),
          {
            success: `${gateway} stands by on ${host}, version ${tagOf(release.image)}. Done in {ms}.`,
          },
          nowMs,
        ),
      });
    });

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
    if (fleet !== known) throw noSuchFleet(fleet, known);
    return this.#deps.look();
  }

  #mustKnow(view: FleetView, gateway: string): void {
    if (view.gateways.some(({ name }) => name === gateway)) return;
    throw new Refusal(
      "NOT_FOUND",
      "no-such-gateway",
      `There is no gateway ${gateway} in ${view.fleet}: it has ${view.gateways.map(({ name }) => name).join(", ") || "none"}.`,
    );
  }

  #candidate(gateway: string): CandidateFacts {
    const seen = this.#deps.observation();
    const member = seen === null ? undefined : newestMember(seen, gateway);
    return { heartbeat: member !== undefined, assistantUp: member?.assistantUp ?? false };
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
  ...(machine.machine === "rollout" && { paused: machine.paused }),
});

const activesOf = (view: FleetView): string =>
  view.gateways
    .filter(({ role }) => role === "active")
    .map(({ name }) => name)
    .join(", ");

function paused(pause: boolean) {
  return (machine: Machine): Machine => {
    if (machine.machine !== "rollout") {
      throw new Refusal("CONFLICT", "not-pausable", "Only a rollout can be paused.");
    }
    if (machine.direction === "back") {
      throw new Refusal("CONFLICT", "going-back", "It is going back already; that is not paused.");
    }
    return { ...machine, paused: pause };
  };
}
