import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import type { FleetView, OperationView } from "@chela/shared/fleet/view";
import { followLogs } from "../agents/logs.ts";
import type { Operation } from "../controller/operation.ts";
import { operationView } from "../controller/operation-view.ts";
import { deadLetterCommands } from "../dead-letter/dead-letter-commands.ts";
import type { Fleets } from "../fleet/fleets.ts";
import { orUnreachable } from "../fleet/redis-connection.ts";
import { gatewayConfiguration, knownReleases } from "../fleet/releases.ts";
import type { FleetRuntime } from "../fleet/runtime.ts";
import type { OperationStore } from "../store/operations.ts";
import { commandsOf } from "./commands-of.ts";
import type { Console } from "./console.ts";

export interface ConsoleDeps {
  clock: Clock;
  fleets: Fleets;
  fleetCommands: Pick<Console["fleets"], "create" | "remove">;
  operations: OperationStore;
  audit: Console["audit"];
  people: Console["people"];
  invitations: Console["invitations"];
  tokens: Console["tokens"];
}

const PAGE_DEFAULT = 50;

/** Everything behind the control API, put together: each question goes to the fleet that it names. */
export function consoleOf(deps: ConsoleDeps): Console {
  const { fleets } = deps;
  const viewOf = ({ observer }: FleetRuntime): FleetView => {
    if (observer.view === null) {
      throw new Refusal(
        "SERVICE_UNAVAILABLE",
        "starting",
        "The console has just started: ask again in a second.",
      );
    }
    return observer.view;
  };
  const shown = (operation: Operation): OperationView =>
    // Of a fleet that was removed the record stays.
    fleets.find(operation.fleet)?.controller.view(operation) ??
    operationView(operation, null, null, null);
  const operationOf = async (operationId: string): Promise<Operation> => {
    const operation = await deps.operations.get(operationId);
    if (operation === null) {
      throw new Refusal("NOT_FOUND", "no-such-operation", `There is no operation ${operationId}.`);
    }
    return operation;
  };
  const deadLettersOf = (fleet: string) => deadLetterCommands(fleets.get(fleet).deadLetters);
  return {
    fleets: {
      list: () => fleets.all.flatMap(({ observer }) => observer.view ?? []),
      // From now: whoever saw an operation end must find here what it did.
      async get(fleet) {
        const runtime = fleets.get(fleet);
        return runtime.observer.look().catch(() => viewOf(runtime));
      },
      ...deps.fleetCommands,
    },
    operations: {
      get: async (operationId) => shown(await operationOf(operationId)),
      async list({ limit = PAGE_DEFAULT, ...filter }) {
        const page = await deps.operations.list({ ...filter, limit });
        return { items: page.items.map(shown), nextCursor: page.nextCursor };
      },
    },
    commands: commandsOf(fleets, async (operationId) => (await operationOf(operationId)).fleet),
    releases: {
      async list(fleet, page) {
        const runtime = fleets.get(fleet);
        return knownReleases(runtime.desired, viewOf(runtime), page);
      },
      configuration: async (fleet) => gatewayConfiguration(fleets.get(fleet).desired),
    },
    sessions: {
      async list({ fleet, ...filter }) {
        const { sessions } = fleets.get(fleet);
        return orUnreachable(() => sessions.list(filter, deps.clock.wallMs()));
      },
      async get(fleet, session) {
        const { sessions } = fleets.get(fleet);
        return orUnreachable(() => sessions.get(session));
      },
    },
    deadLetters: {
      list: async (page) => deadLettersOf(page.fleet).list(page),
      redrive: async (letter, by) => deadLettersOf(letter.fleet).redrive(letter, by),
      discard: async (letter, by) => deadLettersOf(letter.fleet).discard(letter, by),
    },
    figures: {
      series: async (fleet, window) => fleets.get(fleet).figures.series(window),
      dedupe: async (fleet, window) => fleets.get(fleet).figures.dedupe(window),
    },
    hosts: {
      createJoinToken: async (input, by) =>
        fleets.get(input.fleet).hostCommands.createJoinToken(input, by),
      revoke: async (fleet, host, by) => fleets.get(fleet).hostCommands.revoke(fleet, host, by),
      setCordoned: async (fleet, host, cordoned, by) =>
        fleets.get(fleet).hostCommands.setCordoned(fleet, host, cordoned, by),
      images: async (fleet) => fleets.get(fleet).hostCommands.images(fleet),
    },
    edges: {
      async configurations(fleet, edge) {
        const runtime = fleets.get(fleet);
        const { desired } = runtime;
        const { edges } = viewOf(runtime);
        if (edge !== undefined && !edges.some(({ name }) => name === edge)) {
          throw new Refusal("NOT_FOUND", "no-such-edge", `There is no edge ${edge} in ${fleet}.`);
        }
        return Promise.all(
          edges
            .filter(({ name }) => edge === undefined || name === edge)
            .map(async (seen) => {
              const spec = await desired.edgeSpec(seen.name);
              return {
                ...seen,
                configuration: spec.config,
                differs: desired.edgeDiffers(spec, seen.configHash),
              };
            }),
        );
      },
    },
    logs: {
      async follow(fleet, gateway, how, signal) {
        const { desired, links } = fleets.get(fleet);
        const wish = desired.gateway(gateway);
        if (wish === undefined) {
          throw new Refusal(
            "NOT_FOUND",
            "no-such-gateway",
            `There is no gateway ${gateway} in ${fleet}.`,
          );
        }
        return followLogs(links.get(wish.host)?.agent, gateway, how, signal);
      },
    },
    feed: {
      subscribe: (fleet, lastEventId, signal) =>
        fleets.get(fleet).feed.subscribe(lastEventId, signal),
    },
    people: deps.people,
    invitations: deps.invitations,
    tokens: deps.tokens,
    audit: deps.audit,
  };
}
