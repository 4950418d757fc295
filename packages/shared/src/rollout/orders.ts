import type { Action, Order } from "../operation/action.ts";
import { HEALTHY_WITHIN_MS, type Lane, type RolloutState, targetOf } from "./state.ts";

/** What shall be under way now, side by side. */
export function rolloutOrders(
  state: RolloutState,
  operationId: string,
  preferring: (to: string) => string[],
): Order[] {
  const { phase, share } = state;
  const orders: Order[] = state.lanes.flatMap((lane) => {
    const action = actionOf(state, lane, operationId, preferring);
    return action === null ? [] : [{ key: laneKey(lane), action }];
  });
  if (phase.at === "images") {
    const { image, imageId } = state.to;
    for (const host of phase.hosts) {
      orders.push({ key: imageKey(host), action: { type: "image", host, image, imageId } });
    }
  }
  if (share.write !== null) {
    const { of, generation } = share.write;
    orders.push({
      key: shareKey(state),
      action: {
        type: "canary",
        gateways: of?.gateways ?? [],
        percent: of?.percent ?? null,
        generation,
        ref: `${operationId}/${share.write.visit}`,
      },
    });
  }
  if (phase.at === "settle") {
    orders.push({
      key: settleKey(state),
      action: { type: "settle", release: targetOf(state).number },
    });
  }
  return orders;
}

function actionOf(
  state: RolloutState,
  lane: Lane,
  operationId: string,
  preferring: (to: string) => string[],
): Action | null {
  const { gateway, urgent, drained, generation, to } = lane;
  const stray = lane.stray && state.direction === "back";
  // What is finished is what was begun, on the way there.
  const release = stray ? state.to.number : targetOf(state).number;
  switch (lane.todo[0]) {
    case "prefer":
      return {
        type: "prefer",
        generation,
        preferred: preferring(to!),
        ref: `${operationId}/${lane.visit}`,
      };
    case "handover":
      return { type: "handover", generation: generation + 1, to: to! };
    case "words":
      return { type: "last-words", gateway };
    case "surge":
      return { type: "surge", gateway, release };
    case "ready":
      return { type: "healthy", gateway, release, withinMs: HEALTHY_WITHIN_MS, surge: true };
    case "drain":
      return { type: "drain", gateway };
    case "replace":
      return { type: "replace", gateway, release, drained, urgent };
    case "take-over":
      return { type: "take-over", gateway, release };
    case "healthy":
      return { type: "healthy", gateway, release, withinMs: HEALTHY_WITHIN_MS, surge: false };
    case "unsurge":
      return { type: "unsurge", gateway };
    case "back":
      return { type: "undrain", gateway };
    default:
      return null;
  }
}

/** The same after a restart, and never used for anything else: also the step that containers are labelled with. */
export const laneKey = ({ visit, todo, gateway, to }: Lane): string =>
  `${visit}-${todo[0]}-${todo[0] === "prefer" || todo[0] === "handover" ? to : gateway}`;
export const imageKey = (host: string): string => `image-${host}`;
export const shareKey = ({ share }: RolloutState): string => `${share.write?.visit}-canary`;
export const settleKey = ({ direction }: RolloutState): string => `settle-${direction}`;
