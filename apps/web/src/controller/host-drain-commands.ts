import { Refusal } from "@chela/shared/errors/refusal";
import { changeStages } from "@chela/shared/fleet/change-stages";
import {
  drainImpact,
  fatesInWords,
  type HostDrain,
  planHostDrain,
} from "@chela/shared/fleet/host-drain";
import type { FleetView } from "@chela/shared/fleet/view";
import { beginSequence, type SequenceStage } from "@chela/shared/operation/sequence";
import type { Commands, HostDrainRequest } from "../server/console.ts";
import { newOperationId } from "./operation.ts";
import type { Ordering } from "./ordering.ts";
import { floorRefusal, refuseBusy, releasesOf } from "./placing.ts";
import { refuseBlocked } from "./refusals.ts";

/** Takes a host out for maintenance: what would become of its gateways, and the operation. */
export class HostDrainCommands {
  readonly #deps: Ordering;

  constructor(deps: Ordering) {
    this.#deps = deps;
  }

  previewDrain: Commands["previewDrain"] = async (request) => {
    const view = await this.#deps.view(request.fleet);
    const plan = this.#plan(view, request);
    const stages = await this.#stages(view, request.host, plan, "preview");
    return {
      planHash: this.#deps.plans.remember(factsOf(view, request, plan)),
      host: request.host,
      checks: plan.checks,
      gateways: plan.gateways,
      steps: stages.map(({ name, gateway }) => ({
        name,
        ...(gateway !== undefined && { gateway }),
        detail: sentenceFor(name, gateway ?? "", request.host),
        expectedMs: null,
      })),
      impact: drainImpact(view, request.host, plan),
    };
  };

  drainHost: Commands["drainHost"] = async (request, by) => {
    const { host } = request;
    const view = await this.#deps.view(request.fleet);
    const plan = this.#plan(view, request);
    const earlier = await this.#deps.earlier(request);
    if (earlier !== null) return earlier;
    by.note?.({
      before: {
        cordoned: view.hosts.find(({ name }) => name === host)?.cordoned ?? null,
        gateways: plan.gateways.map(({ gateway }) => gateway).join(", "),
      },
      after: { cordoned: true, gateways: fatesInWords(plan.gateways) },
    });
    refuseBusy(view);
    this.#deps.plans.mustFit(request.planHash, factsOf(view, request, plan));
    const floor = plan.checks.find(({ name, verdict }) => name === "floor" && verdict === "fail");
    if (floor !== undefined) throw floorRefusal(floor.detail);
    refuseBlocked(plan.checks);
    const nowMs = this.#deps.clock.wallMs();
    const id = newOperationId(nowMs);
    const fates = fatesInWords(plan.gateways);
    const started = await this.#deps.begin(
      {
        id,
        kind: "host-drain",
        title: `Drain host ${host}`,
        machine: beginSequence(
          await this.#stages(view, host, plan, id),
          {
            success: `${host} carries no gateway any more${fates === "" ? "" : `: ${fates}`}. It stays cordoned. Done in {ms}.`,
            restores: true,
          },
          nowMs,
        ),
      },
      request,
      by,
    );
    by.note?.({ operation: started.operationId });
    return started;
  };

  /** @throws Refusal NOT_FOUND */
  #plan(view: FleetView, { host, moveTo = "others" }: HostDrainRequest): HostDrain {
    if (!view.hosts.some(({ name }) => name === host)) {
      throw new Refusal("NOT_FOUND", "no-such-host", `There is no host ${host} in ${view.fleet}.`);
    }
    return planHostDrain(view, this.#deps.desired.spec.floor, host, moveTo);
  }

  async #stages(
    view: FleetView,
    host: string,
    { change, gateways }: HostDrain,
    operationId: string,
  ): Promise<SequenceStage[]> {
    const cordon: SequenceStage = { name: "cordon", action: { type: "cordon", host } };
    if (gateways.length === 0) return [cordon];
    const releases = await releasesOf(this.#deps.desired);
    return [cordon, ...changeStages(change, { view, operationId, ...releases })];
  }
}

/** What the plan stands on. */
function factsOf(
  view: FleetView,
  { host, moveTo = "others" }: HostDrainRequest,
  { gateways }: HostDrain,
): Record<string, string> {
  return {
    host,
    "where its gateways go": moveTo,
    "what becomes of them": fatesInWords(gateways) || "nothing",
    "who holds shards":
      view.gateways
        .filter(({ shards }) => shards > 0)
        .map(({ name }) => name)
        .join(", ") || "nobody",
  };
}

function sentenceFor(step: string, gateway: string, host: string): string {
  switch (step) {
    case "cordon":
      return `No new gateway is placed on ${host}, also if what follows is aborted.`;
    case "image":
      return "The image stands where it is needed.";
    case "create":
      return `${gateway} is started first, so that nobody is missing meanwhile.`;
    case "healthy":
      return `${gateway} answers that it is ready.`;
    case "drain":
      return `${gateway} hands its sessions over and finishes the turns in flight.`;
    case "move":
      return `${gateway} is removed from ${host} and started elsewhere, under the same name.`;
    case "edges":
      return "Every edge learns the new addresses: one reload.";
    case "remove":
      return `The container of ${gateway} is removed from ${host}.`;
    case "forget":
      return `${gateway} does not belong to the fleet any more.`;
    default:
      return "Requests through every edge are answered.";
  }
}
