import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import type { FleetView } from "@chela/shared/fleet/view";
import { hostCommands } from "../agents/host-commands.ts";
import type { Hosts } from "../agents/hosts.ts";
import type { AgentLinks } from "../agents/links.ts";
import { followLogs } from "../agents/logs.ts";
import type { Controller } from "../controller/controller.ts";
import { noSuchFleet } from "../controller/refusals.ts";
import { deadLetterCommands } from "../dead-letter/dead-letter-commands.ts";
import type { RedisDeadLetters } from "../dead-letter/redis-dead-letters.ts";
import type { Feed } from "../feed/feed.ts";
import type { Figures } from "../figures/figures.ts";
import type { DesiredFleet } from "../fleet/desired.ts";
import type { FleetObserver } from "../fleet/observer.ts";
import { orUnreachable } from "../fleet/redis-connection.ts";
import type { RedisSessions } from "../session/redis-sessions.ts";
import type { OperationStore } from "../store/operations.ts";
import type { Commands, Console } from "./console.ts";

export interface ConsoleDeps {
  clock: Clock;
  links: AgentLinks;
  hosts: Hosts;
  desired: DesiredFleet;
  observer: FleetObserver;
  controller: Controller;
  commands: Commands;
  operations: OperationStore;
  audit: Console["audit"];
  sessions: RedisSessions;
  deadLetters: RedisDeadLetters;
  figures: Figures;
  feed: Feed;
  people: Console["people"];
  invitations: Console["invitations"];
  tokens: Console["tokens"];
  agentUrl: string;
  bind: string;
}

const PAGE_DEFAULT = 50;

/** Everything behind the control API, put together. One console runs one fleet. */
export function consoleOf(deps: ConsoleDeps): Console {
  const { desired, observer, controller } = deps;
  const mustBe = (fleet: string) => {
    if (fleet !== desired.spec.fleet) throw noSuchFleet(fleet, desired.spec.fleet);
  };
  const viewOf = (fleet: string): FleetView => {
    mustBe(fleet);
    if (observer.view === null) {
      throw new Refusal(
        "SERVICE_UNAVAILABLE",
        "starting",
        "The console has just started: ask again in a second.",
      );
    }
    return observer.view;
  };
  const deadLetters = deadLetterCommands(deps.deadLetters);
  const hosts = hostCommands({ ...deps, look: () => observer.look() });
  return {
    fleets: {
      list: () => (observer.view === null ? [] : [observer.view]),
      // From now: whoever saw an operation end must find here what it did.
      async get(fleet) {
        mustBe(fleet);
        return observer.look().catch(() => viewOf(fleet));
      },
    },
    operations: {
      async get(operationId) {
        const operation = await deps.operations.get(operationId);
        if (operation === null) {
          throw new Refusal(
            "NOT_FOUND",
            "no-such-operation",
            `There is no operation ${operationId}.`,
          );
        }
        return controller.view(operation);
      },
      async list({ limit = PAGE_DEFAULT, ...filter }) {
        const page = await deps.operations.list({ ...filter, limit });
        return {
          items: page.items.map((operation) => controller.view(operation)),
          nextCursor: page.nextCursor,
        };
      },
    },
    commands: deps.commands,
    sessions: {
      list: ({ fleet, ...filter }) => {
        mustBe(fleet);
        return orUnreachable(() => deps.sessions.list(filter, deps.clock.wallMs()));
      },
      get: (fleet, session) => {
        mustBe(fleet);
        return orUnreachable(() => deps.sessions.get(session));
      },
    },
    deadLetters: {
      async list(page) {
        mustBe(page.fleet);
        return deadLetters.list(page);
      },
      async redrive(letter, by) {
        mustBe(letter.fleet);
        return deadLetters.redrive(letter, by);
      },
      async discard(letter, by) {
        mustBe(letter.fleet);
        return deadLetters.discard(letter, by);
      },
    },
    figures: {
      async series(fleet, window) {
        mustBe(fleet);
        return deps.figures.series(window);
      },
      async dedupe(fleet, window) {
        mustBe(fleet);
        return deps.figures.dedupe(window);
      },
    },
    hosts: {
      ...hosts,
      async createJoinToken(input, by) {
        mustBe(input.fleet);
        return hosts.createJoinToken(input, by);
      },
      async revoke(fleet, host, by) {
        mustBe(fleet);
        await hosts.revoke(fleet, host, by);
      },
      async setCordoned(fleet, host, cordoned, by) {
        mustBe(fleet);
        return hosts.setCordoned(fleet, host, cordoned, by);
      },
      async images(fleet) {
        mustBe(fleet);
        return hosts.images(fleet);
      },
    },
    edges: {
      async configurations(fleet, edge) {
        const view = viewOf(fleet);
        if (edge !== undefined && !view.edges.some(({ name }) => name === edge)) {
          throw new Refusal("NOT_FOUND", "no-such-edge", `There is no edge ${edge} in ${fleet}.`);
        }
        return Promise.all(
          view.edges
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
      async follow(fleet, gateway, tail, signal) {
        mustBe(fleet);
        const wish = desired.gateway(gateway);
        if (wish === undefined) {
          throw new Refusal(
            "NOT_FOUND",
            "no-such-gateway",
            `There is no gateway ${gateway} in ${fleet}.`,
          );
        }
        return followLogs(deps.links.get(wish.host)?.agent, gateway, tail, signal);
      },
    },
    feed: {
      subscribe(fleet, lastEventId, signal) {
        mustBe(fleet);
        return deps.feed.subscribe(lastEventId, signal);
      },
    },
    people: deps.people,
    invitations: deps.invitations,
    tokens: deps.tokens,
    audit: deps.audit,
  };
}
