import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import { repositoryOf, tagOf } from "@chela/shared/fleet/image-reference";
import type { FleetView, RolloutPlan, RolloutStrategy } from "@chela/shared/fleet/view";
import { learned } from "@chela/shared/rollout/forecast";
import {
  beginRollout,
  planFacts,
  planRollout,
  type RolloutInput,
  rolloutChecks,
} from "@chela/shared/rollout/plan";
import type { ReleaseRef } from "@chela/shared/rollout/state";
import { fillStrategy } from "@chela/shared/rollout/strategy";
import type { Images } from "../agents/images.ts";
import { type DesiredFleet, textHash } from "../fleet/desired.ts";
import type { Actor, Commands, RolloutRequest, Started } from "../server/console.ts";
import type { Release } from "../store/fleets.ts";
import type { OperationStore } from "../store/operations.ts";
import { newOperationId, type Operation } from "./operation.ts";
import type { PlanMemory } from "./plan-memory.ts";
import { refuseBlocked } from "./refusals.ts";

const LEARNED_FROM = 10;

export interface RolloutDeps {
  clock: Clock;
  store: OperationStore;
  desired: DesiredFleet;
  images: Images;
  plans: PlanMemory;
  view(fleet: string): Promise<FleetView>;
  begin(operation: Operation): Promise<Started>;
}

interface Target {
  image: string;
  imageId: string | null;
  config: string;
  configHash: string;
}

/** From one release to another: planned, started, and back to an earlier one. */
export class RolloutCommands {
  readonly #deps: RolloutDeps;

  constructor(deps: RolloutDeps) {
    this.#deps = deps;
  }

  async plan(request: RolloutRequest): Promise<RolloutPlan> {
    const view = await this.#deps.view(request.fleet);
    const current = this.#current();
    const target = await this.#target(request, current);
    const strategy = this.#strategy(view, request.strategy);
    const next = { ...target, number: current.number + 1, imageId: target.imageId ?? "" };
    return planRollout(
      view,
      await this.#input(request.fleet, current, next, strategy, true),
      { image: target.image, imageId: target.imageId },
      this.#checks(view, current, target, strategy),
      this.#deps.plans.remember(planFacts(view, target)),
    );
  }

  async start(request: Parameters<Commands["startRollout"]>[0], by: Actor): Promise<Started> {
    const view = await this.#deps.view(request.fleet);
    const earlier = await this.#deps.store.byIdempotencyKey(
      request.fleet,
      request.idempotencyKey ?? null,
    );
    if (earlier !== null) return { operationId: earlier.id };
    const current = this.#current();
    const target = await this.#target(request, current);
    this.#deps.plans.mustFit(request.planHash, planFacts(view, target));
    const strategy = this.#strategy(view, request.strategy);
    refuseBlocked(this.#checks(view, current, target, strategy));
    const release = await this.#deps.desired.newRelease(
      { image: target.image, imageId: target.imageId! },
      target.config,
      this.#deps.clock.wallMs(),
    );
    by.note?.({ before: auditOf(current), after: auditOf(release) });
    const input = await this.#input(request.fleet, current, release, strategy, true);
    return this.#begin(view, input, request, by, "rollout");
  }

  async rollBack(request: Parameters<Commands["rollBack"]>[0], by: Actor): Promise<Started> {
    const view = await this.#deps.view(request.fleet);
    const earlier = await this.#deps.store.byIdempotencyKey(
      request.fleet,
      request.idempotencyKey ?? null,
    );
    if (earlier !== null) return { operationId: earlier.id };
    const current = this.#current();
    const number = request.release ?? (await this.#previous(request.fleet, current));
    const release = await this.#deps.desired.findRelease(number);
    if (release === null || number === current.number) {
      throw new Refusal(
        "NOT_FOUND",
        "no-such-release",
        number === current.number
          ? `Release ${number} runs already.`
          : `There is no release ${number} to go back to.`,
      );
    }
    const strategy = this.#strategy(view, {});
    refuseBlocked(this.#checks(view, current, release, strategy));
    by.note?.({ before: auditOf(current), after: auditOf(release) });
    return this.#begin(
      view,
      // It skips canary and soak: what it goes back to has run before.
      await this.#input(request.fleet, current, release, { ...strategy, soakMs: 0 }, false),
      { ...request, reason: `Back to release ${number}` },
      by,
      "rollback",
    );
  }

  #begin(
    view: FleetView,
    input: RolloutInput,
    request: Pick<RolloutRequest, "fleet"> & {
      reason?: string | undefined;
      idempotencyKey?: string | undefined;
    },
    by: Actor,
    kind: "rollout" | "rollback",
  ): Promise<Started> {
    const nowMs = this.#deps.clock.wallMs();
    return this.#deps.begin({
      id: newOperationId(nowMs),
      fleet: request.fleet,
      kind,
      title: `${kind === "rollout" ? "Roll out" : "Roll back to"} ${input.to.tag}`,
      failover: null,
      version: 1,
      requestedBy: by.name,
      reason: request.reason ?? null,
      idempotencyKey: request.idempotencyKey ?? null,
      startedAtMs: nowMs,
      endedAtMs: null,
      machine: beginRollout(view, input, nowMs),
    });
  }

  #strategy(view: FleetView, asked: RolloutRequest["strategy"]): RolloutStrategy {
    const { floor } = this.#deps.desired.spec;
    return fillStrategy(asked, { gateways: view.gateways.length, floor });
  }

  async #input(
    fleet: string,
    from: Release,
    to: Pick<Release, "number" | "image" | "imageId" | "configHash">,
    strategy: RolloutStrategy,
    mayGoBack: boolean,
  ): Promise<RolloutInput> {
    return {
      from: refOf(from),
      to: refOf(to),
      strategy,
      floor: this.#deps.desired.spec.floor,
      expected: await this.#learned(fleet),
      mayGoBack,
    };
  }

  /** What steps took in the last rollouts that went well. */
  async #learned(fleet: string): Promise<Record<string, number>> {
    const { items } = await this.#deps.store.list({ fleet, kind: "rollout", limit: LEARNED_FROM });
    return learned(
      items.flatMap(({ machine }) => (machine.state === "succeeded" ? machine.steps : [])),
    );
  }

  #current(): Release {
    const current = this.#deps.desired.release;
    if (current !== null) return current;
    throw new Refusal(
      "PRECONDITION_FAILED",
      "no-release",
      "The fleet has no release yet: wait until its first gateway runs.",
    );
  }

  /** The release before the one that runs, as the last rollout that succeeded left it. */
  async #previous(fleet: string, current: Release): Promise<number> {
    const { items } = await this.#deps.store.list({ fleet, limit: 200 });
    for (const { machine } of items) {
      if (machine.machine !== "rollout" || machine.state !== "succeeded") continue;
      if (machine.to.number === current.number) return machine.from.number;
    }
    throw new Refusal("NOT_FOUND", "no-such-release", "There is no earlier release to go back to.");
  }

  async #target(request: RolloutRequest, current: Release): Promise<Target> {
    const image = request.image ?? current.image;
    if (repositoryOf(image) !== repositoryOf(current.image)) {
      throw new Refusal(
        "BAD_REQUEST",
        "repository-not-allowed",
        `Only images of ${repositoryOf(current.image)} may run in this fleet; ${image} is of another repository.`,
      );
    }
    const config = request.config ?? (await this.#deps.desired.currentConfig());
    mustBeJson(config);
    const found = await this.#deps.images.resolve(image);
    return { image, imageId: found?.id ?? null, config, configHash: textHash(config) };
  }

  #checks(view: FleetView, current: Release, target: Target | Release, strategy: RolloutStrategy) {
    const sameConfig = target.configHash === current.configHash;
    const facts = {
      image: target.image,
      imageId: target.imageId,
      sameAsNow: target.imageId === current.imageId && sameConfig,
      config: sameConfig
        ? `From ${tagOf(current.image)} to ${tagOf(target.image)}; the configuration stays as it is.`
        : `From ${tagOf(current.image)} to ${tagOf(target.image)}, with a changed configuration.`,
    };
    return rolloutChecks(view, facts, strategy);
  }
}

const auditOf = ({ number, image, imageId, configHash }: Release) => ({
  release: number,
  image,
  imageId,
  configHash,
});

const refOf = ({
  number,
  image,
  imageId,
  configHash,
}: Pick<Release, "number" | "image" | "imageId" | "configHash">): ReleaseRef => ({
  number,
  image,
  imageId,
  tag: tagOf(image),
  configHash,
});

function mustBeJson(config: string): void {
  try {
    JSON.parse(config);
  } catch {
    throw new Refusal(
      "BAD_REQUEST",
      "config-not-json",
      "gateway.json is not JSON: correct it first.",
    );
  }
}
