import { Refusal } from "@chela/shared/errors/refusal";
import { type LastMove, type PreflightFacts, preflightFacts } from "@chela/shared/failover/facts";
import {
  beginFailover,
  type FailoverTarget,
  leaving,
  planFacts,
  previewFailover,
} from "@chela/shared/failover/plan";
import type { Observation } from "@chela/shared/fleet/observation";
import type { FleetView } from "@chela/shared/fleet/view";
import type { ControlKeeper } from "../fleet/control-keeper.ts";
import { orUnreachable } from "../fleet/redis-connection.ts";
import type { Commands } from "../server/console.ts";
import type { OperationStore } from "../store/operations.ts";
import { newOperationId } from "./operation.ts";
import type { Ordering } from "./ordering.ts";
import { mustKnow, refuseBlocked } from "./refusals.ts";

/** A refusal comes at once: a Redis that hangs is not waited for, what was seen last counts then, with its age. */
const LOOK_WITHIN_MS = 120;
const RUNS_MEASURED = 5;

export interface FailoverDeps extends Ordering {
  store: Pick<OperationStore, "list">;
  /** The last look; null before the first. */
  observation(): Observation | null;
  seen(): FleetView | null;
  keeper: Pick<ControlKeeper, "order">;
}

/** Moves of the active role that an operator orders, and whether failovers may happen by themselves. */
export class FailoverCommands {
  readonly #deps: FailoverDeps;

  constructor(deps: FailoverDeps) {
    this.#deps = deps;
  }

  preview: Commands["previewFailover"] = async (request) => {
    const view = await this.#look(request.fleet);
    mustKnow(view, request.gateway);
    const hash = this.#deps.plans.remember(planFacts(view, request));
    const { facts, pauses } = await this.#known(view, request);
    return previewFailover(view, request, facts, pauses, hash);
  };

  execute: Commands["executeFailover"] = async (request, by) => {
    const view = await this.#look(request.fleet);
    mustKnow(view, request.gateway);
    const earlier = await this.#deps.earlier(request);
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
    this.#deps.plans.mustFit(request.planHash, planFacts(view, request));
    const { facts, pauses } = await this.#known(view, request);
    refuseBlocked(previewFailover(view, request, facts, pauses, "").checks);
    const nowMs = this.#deps.clock.wallMs();
    const id = newOperationId(nowMs);
    return this.#deps.begin(
      {
        id,
        kind: request.kind,
        title:
          request.kind === "failover"
            ? `Fail over to ${request.gateway}`
            : `Promote ${request.gateway}`,
        failover: { from: leaving(view, request.gateway), to: request.gateway },
        machine: beginFailover(view, request, id, nowMs),
      },
      request,
      by,
    );
  };

  pause: Commands["pauseFailover"] = async ({ fleet, reason }, by) => {
    const before = await this.#mayChange(fleet);
    const failoverPaused = {
      by: by.name,
      reason: reason ?? null,
      at: new Date(this.#deps.clock.wallMs()).toISOString(),
    };
    by.note?.({ before: pauseOf(before.failoverPaused), after: pauseOf(failoverPaused) });
    // Kept in the spec; the look that follows carries it to Redis, as every later one would.
    await this.#deps.desired.change((spec) => ({ ...spec, failoverPaused }));
    return this.#deps.view(fleet);
  };

  resume: Commands["resumeFailover"] = async ({ fleet }, by) => {
    const before = await this.#mayChange(fleet);
    by.note?.({ before: pauseOf(before.failoverPaused), after: pauseOf(null) });
    await this.#deps.desired.change((spec) => ({ ...spec, failoverPaused: null }));
    return this.#deps.view(fleet);
  };

  acknowledge: Commands["acknowledgeFlapping"] = async ({ fleet }, by) => {
    const view = await this.#mayChange(fleet);
    const redis = this.#deps.observation()?.redis;
    if (redis === undefined || redis.control === null) throw nothingToWrite();
    by.note?.({ before: { flapping: view.flapping?.detail ?? null } });
    const changed = await orUnreachable(() =>
      this.#deps.keeper.order(view, redis, (generation) => ({ flapAcknowledged: generation })),
    );
    if (changed.result === "missing") throw nothingToWrite();
    if (changed.result === "superseded") {
      throw new Refusal(
        "CONFLICT",
        "superseded",
        "The control record was changed at the same time: look again and repeat.",
      );
    }
    by.note?.({ after: { acknowledged: changed.generation } });
    return this.#deps.view(fleet);
  };

  /** @throws Refusal while an operation runs: a write between its steps would overtake its own. */
  async #mayChange(fleet: string): Promise<FleetView> {
    const view = await this.#deps.view(fleet);
    if (view.operationId !== null) {
      throw new Refusal(
        "CONFLICT",
        "operation-running",
        `An operation is running (${view.operationId}): wait until it is over, or abort it.`,
      );
    }
    return view;
  }

  async #look(fleet: string): Promise<FleetView> {
    const looking = this.#deps.view(fleet);
    const last = this.#deps.seen();
    if (last === null) return looking;
    // Whichever comes too late has nobody to tell.
    looking.catch(() => undefined);
    const late = this.#deps.clock.sleep(LOOK_WITHIN_MS).then(() => last);
    return Promise.race([looking, late]);
  }

  async #known(
    view: FleetView,
    { gateway, kind }: FailoverTarget,
  ): Promise<{ facts: PreflightFacts; pauses: number[] }> {
    const seen = this.#deps.observation();
    if (seen === null) throw nothingToWrite();
    const nowMs = this.#deps.clock.wallMs();
    const [switchovers, failovers] = await Promise.all(
      (["switchover", "failover"] as const).map((of) =>
        this.#deps.store.list({ fleet: view.fleet, kind: of, limit: RUNS_MEASURED }),
      ),
    );
    const moves = [...switchovers!.items, ...failovers!.items]
      .filter(({ endedAtMs }) => endedAtMs !== null)
      .sort((a, b) => b.endedAtMs! - a.endedAtMs!);
    const last: LastMove | null =
      moves[0] === undefined
        ? null
        : {
            title: moves[0].title,
            agoMs: Math.max(0, nowMs - moves[0].endedAtMs!),
            automatic: moves[0].automatic !== undefined,
          };
    const pauses = moves
      .filter((move) => move.kind === kind && move.automatic === undefined)
      .flatMap(({ machine }) => machine.steps.flatMap(({ pauseMs }) => pauseMs ?? []));
    return { facts: preflightFacts(seen, gateway, last, nowMs), pauses };
  }
}

const pauseOf = (paused: FleetView["failoverPaused"]) => ({
  paused: paused !== null,
  ...(paused !== null && { pausedBy: paused.by, pausedAt: paused.at }),
});

const nothingToWrite = () =>
  new Refusal(
    "SERVICE_UNAVAILABLE",
    "starting",
    "The fleet's control record has not been seen yet: ask again in a second.",
  );

const activesOf = (view: FleetView): string =>
  view.gateways
    .filter(({ role }) => role === "active")
    .map(({ name }) => name)
    .join(", ");
