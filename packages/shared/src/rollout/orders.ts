import type { Order } from "../operation/action.ts";
import { HEALTHY_WITHIN_MS, type RolloutState } from "./state.ts";

/** What shall be under way now. Preference is written with the generation that was seen when the stage began. */
export function rolloutOrders(
  state: RolloutState,
  operationId: string,
  preferring: (to: string) => string[],
): Order[] {
  const { stage } = state;
  const target = state.direction === "forward" ? state.to : state.from;
  const order = (action: Order["action"]): Order[] => [{ key: keyOf(state), action }];
  switch (stage.at) {
    case "images":
      return order({
        type: "image",
        host: stage.hosts[stage.done]!,
        image: target.image,
        imageId: target.imageId,
      });
    case "switch":
      return order(
        stage.step === "prefer"
          ? {
              type: "prefer",
              generation: stage.generation,
              preferred: preferring(stage.to),
              ref: `${operationId}/${state.visit}`,
            }
          : { type: "handover", generation: stage.generation + 1, to: stage.to },
      );
    case "drain":
      return order({ type: "drain", gateway: stage.gateway });
    case "replace":
      return order({
        type: "replace",
        gateway: stage.gateway,
        release: target.number,
        drained: stage.drained,
      });
    case "healthy":
      return order({
        type: "healthy",
        gateway: stage.gateway,
        release: target.number,
        withinMs: HEALTHY_WITHIN_MS,
      });
    case "back":
      return order({ type: "undrain", gateway: stage.gateway });
    case "soak":
      return order({ type: "soak", gateway: stage.gateway, untilMs: stage.untilMs });
    case "settle":
      return order({ type: "settle", release: target.number });
    case "choose":
    case "over":
      return [];
  }
}

/** The same after a restart, and never used for anything else: also the step that containers are labelled with. */
export function keyOf(state: RolloutState): string {
  const { stage } = state;
  switch (stage.at) {
    case "images":
      return `image-${stage.hosts[stage.done]}-${state.direction}`;
    case "switch":
      return `${state.visit}-${stage.step}-${stage.to}`;
    case "settle":
    case "choose":
    case "over":
      return `${stage.at}-${state.direction}`;
    default:
      return `${state.visit}-${stage.at}-${stage.gateway}`;
  }
}
