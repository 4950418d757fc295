import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import { DEFAULT_SHARDS } from "@chela/shared/fleet/control";
import type { FleetSpec } from "@chela/shared/fleet/spec";
import { DEFAULT_KEY_PREFIX } from "@chela/shared/keys/keys";
import type { Console } from "../server/console.ts";
import type { FleetStore } from "../store/fleets.ts";
import type { Fleets } from "./fleets.ts";
import { orUnreachable, type RedisConnection } from "./redis-connection.ts";
import { RedisControl } from "./redis-control.ts";

export interface FleetCommandDeps {
  clock: Clock;
  fleets: Fleets;
  store: FleetStore;
  redis: RedisConnection;
  /** Of the controller; throws where another console acts. */
  epoch(): number;
  /** The files and Redis users of a further fleet: made where they are missing; the users taken away again. */
  places: {
    /** @returns the key prefix that counts: of a gateway.json that stood there already. */
    make(fleet: string, keyPrefix: string): Promise<string>;
    close(fleet: string): Promise<void>;
  };
}

/** How fleets begin and end. */
export function fleetCommands(
  deps: FleetCommandDeps,
): Pick<Console["fleets"], "create" | "remove"> {
  const { clock, fleets, store, places } = deps;
  return {
    create: (request, by) =>
      fleets.inTurn(async () => {
        const { fleet } = request;
        by.note?.({ subject: fleet });
        if (fleets.find(fleet) !== undefined) {
          throw new Refusal("CONFLICT", "fleet-exists", `There is a fleet ${fleet} already.`);
        }
        deps.epoch();
        const keyPrefix = await places.make(fleet, request.keyPrefix ?? DEFAULT_KEY_PREFIX);
        try {
          mustFit(request, keyPrefix);
          const shards = await shardsOf(deps, { ...request, keyPrefix });
          const runtime = await fleets.begin(emptyFleet(fleet, keyPrefix, shards));
          by.note?.({ after: { fleet, keyPrefix, shards } });
          return await runtime.observer.look();
        } catch (error) {
          await places.close(fleet);
          throw error;
        }
      }),
    remove: ({ fleet, confirm }, by) =>
      fleets.inTurn(async () => {
        const { desired, controller } = fleets.get(fleet);
        const { keyPrefix, shards, gateways, edges } = desired.spec;
        by.note?.({ subject: fleet, before: { fleet, keyPrefix, shards } });
        if (fleet === fleets.first) {
          throw new Refusal(
            "CONFLICT",
            "first-fleet",
            `${fleet} is the console's own fleet: it ends with the console (bin/down).`,
          );
        }
        if (confirm !== fleet) {
          throw new Refusal(
            "BAD_REQUEST",
            "not-confirmed",
            `Removing needs confirm = ${fleet}, the fleet's name.`,
          );
        }
        const carried = [...gateways, ...edges].map(({ name }) => name);
        if (carried.length > 0) {
          throw new Refusal(
            "CONFLICT",
            "fleet-carries",
            `${fleet} has ${carried.join(", ")}: remove them first.`,
          );
        }
        if (controller.open !== null) {
          throw new Refusal(
            "CONFLICT",
            "operation-running",
            `${controller.open.title} is running (${controller.open.id}): wait until it is over, or abort it.`,
          );
        }
        await store.remove(fleet, clock.wallMs(), deps.epoch());
        await fleets.end(fleet);
        await places.close(fleet);
      }),
  };
}

/** The files of an earlier fleet of this name stand: an operator's work is not overwritten. */
function mustFit(asked: { fleet: string; keyPrefix?: string | undefined }, keyPrefix: string) {
  if (asked.keyPrefix === undefined || asked.keyPrefix === keyPrefix) return;
  throw new Refusal(
    "CONFLICT",
    "key-prefix-stands",
    `fleets/${asked.fleet}/gateway.json in the state directory says keyPrefix ${keyPrefix}: change it there, or leave it out here.`,
  );
}

const emptyFleet = (fleet: string, keyPrefix: string, shards: number): FleetSpec => ({
  fleet,
  mode: "active-standby",
  actives: 1,
  shards,
  keyPrefix,
  release: null,
  reconcile: "manual",
  floor: 1,
  failoverPaused: null,
  gateways: [],
  edges: [],
});

/** A fleet of this name may have been here: its sessions are still in Redis, spread over as many shards as it had. */
async function shardsOf(
  { redis, epoch }: FleetCommandDeps,
  asked: { fleet: string; keyPrefix: string; shards?: number | undefined },
): Promise<number> {
  const { fleet, keyPrefix } = asked;
  const standing = await orUnreachable(() =>
    new RedisControl(redis, { fleet, keyPrefix }, epoch).read(),
  );
  const shards = standing?.shards ?? asked.shards ?? DEFAULT_SHARDS;
  if (asked.shards !== undefined && asked.shards !== shards) {
    throw new Refusal(
      "CONFLICT",
      "shards-fixed",
      `Redis holds the sessions of an earlier fleet ${fleet} in ${shards} shards: create it with as many.`,
    );
  }
  return shards;
}
