import { Refusal } from "@chela/shared/errors/refusal";
import { changeStages } from "@chela/shared/fleet/change-stages";
import { fleetChange } from "@chela/shared/fleet/fleet-change";
import { floorBroken } from "@chela/shared/fleet/floor";
import { freeName } from "@chela/shared/fleet/host-drain";
import { tagOf } from "@chela/shared/fleet/image-reference";
import type { FleetView } from "@chela/shared/fleet/view";
import { beginSequence, type SequenceStage } from "@chela/shared/operation/sequence";
import type { Commands } from "../server/console.ts";
import { GATEWAY_WORDS, gatewayStages, refuseCreation } from "./gateway-stages.ts";
import { newOperationId } from "./operation.ts";
import type { Ordering } from "./ordering.ts";
import { floorRefusal, refuseBusy, releasesOf } from "./placing.ts";
import { mustKnow } from "./refusals.ts";

type Kind = Parameters<Commands["gateway"]>[0];

/** What is done to one gateway. */
export class GatewayCommands {
  readonly #deps: Ordering;

  constructor(deps: Ordering) {
    this.#deps = deps;
  }

  gateway: Commands["gateway"] = async (kind, request, by) => {
    const view = await this.#deps.view(request.fleet);
    const { gateway } = request;
    mustKnow(view, gateway);
    const earlier = await this.#deps.earlier(request);
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
    refuseBusy(view);
    this.#keepFloor(kind, view, gateway);
    const words = GATEWAY_WORDS[kind];
    const nowMs = this.#deps.clock.wallMs();
    const id = newOperationId(nowMs);
    const success = words.success.replace("{gateway}", gateway);
    return this.#deps.begin(
      {
        id,
        kind,
        title: `${words.title} ${gateway}`,
        machine:
          kind === "gateway-remove"
            ? beginSequence(
                await this.#removal(id, view, gateway, seen.host),
                { success, restores: true },
                nowMs,
              )
            : beginSequence(gatewayStages(kind, gateway, view), { success }, nowMs),
      },
      request,
      by,
    );
  };

  createGateway: Commands["createGateway"] = async (request, by) => {
    const view = await this.#deps.view(request.fleet);
    const earlier = await this.#deps.earlier(request);
    if (earlier !== null) return earlier;
    const { host, weight = 1, backup = false } = request;
    const gateway = request.gateway ?? freeName(new Set(view.gateways.map(({ name }) => name)));
    refuseCreation(view, gateway, host);
    const releases = await releasesOf(this.#deps.desired);
    const { number, image } = releases.release;
    by.note?.({ subject: gateway, after: { gateway, host, weight, backup, release: number } });
    const nowMs = this.#deps.clock.wallMs();
    const id = newOperationId(nowMs);
    const change = fleetChange({ create: [{ gateway, host, weight, backup }] });
    return this.#deps.begin(
      {
        id,
        kind: "gateway-create",
        title: `Create ${gateway} on ${host}`,
        machine: beginSequence(
          changeStages(change, { view, operationId: id, ...releases }),
          { success: `${gateway} stands by on ${host}, version ${tagOf(image)}. Done in {ms}.` },
          nowMs,
        ),
      },
      request,
      by,
    );
  };

  /**
   * The only gateway of a fleet may still be restarted: nobody could take its place, and whoever asks knows. It may not
   * be drained, since nobody would process then. @throws Refusal
   */
  #keepFloor(kind: Kind, view: FleetView, gateway: string): void {
    if (kind === "gateway-undrain") return;
    if (kind === "gateway-restart" && view.gateways.length === 1) return;
    const { floor } = this.#deps.desired.spec;
    const broken = floorBroken(view, floor, [gateway]);
    if (broken !== null) throw floorRefusal(broken);
    const left = view.gateways.length - 1;
    if (kind === "gateway-remove" && left < floor) {
      throw floorRefusal(
        `Without ${gateway} the fleet would have ${left} of ${floor} gateways that its floor asks for. Create another one first, or lower the floor in the fleet's spec.`,
      );
    }
  }

  async #removal(
    operationId: string,
    view: FleetView,
    gateway: string,
    host: string,
  ): Promise<SequenceStage[]> {
    const releases = await releasesOf(this.#deps.desired);
    const change = fleetChange({ remove: [{ gateway, host }] });
    return changeStages(change, { view, operationId, ...releases });
  }
}
