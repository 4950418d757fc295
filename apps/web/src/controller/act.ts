import { AgentError } from "../agents/agent.ts";
import * as change from "./acts/change.ts";
import { type ActDeps, notDone } from "./acts/context.ts";
import * as fleet from "./acts/fleet.ts";
import * as gateway from "./acts/gateway.ts";
import * as lease from "./acts/lease.ts";
import type { Act } from "./executor.ts";

/** Every action an operation can order, done. */
export function actor(deps: ActDeps): Act {
  return async (operationId, { key, action }, { signal, note }) => {
    const operation = { id: operationId, step: key };
    try {
      switch (action.type) {
        case "prefer":
          return await lease.prefer(deps, action);
        case "handover":
          return await lease.handover(deps, action, signal);
        case "fence":
          return await lease.fence(deps, action, signal);
        case "drain":
          return await gateway.drain(deps, action, signal, note);
        case "undrain":
          return await gateway.undrain(deps, action);
        case "replace":
          return await gateway.replace(deps, action, operation);
        case "surge":
          return await gateway.surge(deps, action, operation);
        case "take-over":
          return await gateway.takeOver(deps, action, operation, signal);
        case "unsurge":
          return await gateway.unsurge(deps, action, operation);
        case "restart":
          return await gateway.restart(deps, action, operation);
        case "healthy":
          return await gateway.healthy(deps, action, signal, note);
        case "last-words":
          return await gateway.lastWordsFor(deps, action);
        case "canary":
          return await lease.canary(deps, action, signal);
        case "create":
          return await gateway.create(deps, action, operation);
        case "forget":
          return await gateway.forget(deps, action);
        case "remove":
          return await change.remove(deps, action, operation);
        case "verify":
          return await fleet.verify(deps);
        case "image":
          return await fleet.image(deps, action);
        case "settle":
          return await fleet.settle(deps, action);
        case "edges":
          return await fleet.edges(deps, action, operation);
        case "cordon":
          return await change.cordon(deps, action);
        case "settings":
          return await change.settings(deps, action);
        case "mode":
          return await change.mode(deps, action, signal);
        case "move":
          return await change.move(deps, action, operation);
        case "remove-edge":
          return await change.removeEdge(deps, action);
      }
    } catch (error) {
      // What an agent refuses is an outcome with a reason, not a fault of ours.
      if (error instanceof AgentError) return notDone(error.reason, error.message);
      throw error;
    }
  };
}
