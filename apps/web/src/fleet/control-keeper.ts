import { randomUUID } from "node:crypto";
import { holdersFirst } from "@chela/shared/failover/plan";
import type { RedisReading } from "@chela/shared/fleet/observation";
import type { FleetSpec } from "@chela/shared/fleet/spec";
import type { FleetView } from "@chela/shared/fleet/view";
import { KEY_LAYOUT_VERSION } from "@chela/shared/keys/keys";
import type { Logger } from "pino";
import type { Acting } from "../controller/acting.ts";
import { StaleController } from "../controller/stale-controller.ts";
import type { Changed, ControlChange, RedisControl } from "./redis-control.ts";

const TRIES_MAX = 3;

export interface ControlKeeperDeps {
  log: Logger;
  control: Pick<RedisControl, "create" | "change" | "read" | "wake">;
  acting: Pick<Acting, "current" | "doubt">;
  spec(): FleetSpec;
}

/** Keeps the control record there, and in it what the spec says; what moves shards is written by operations. */
export class ControlKeeper {
  readonly #deps: ControlKeeperDeps;
  /** Survives the loss of the record in Redis: generations only rise. */
  #generation = 0;

  constructor(deps: ControlKeeperDeps) {
    this.#deps = deps;
  }

  /** A fleet without a control record processes nothing; the console is who writes it, also after Redis was emptied. */
  async ensure(redis: RedisReading): Promise<void> {
    if (!redis.view.reachable) return;
    if (redis.control !== null) {
      this.#generation = Math.max(this.#generation, redis.control.generation);
      return;
    }
    if (this.#deps.acting.current === null) return;
    const { mode, actives, shards, gateways, fleet, failoverPaused } = this.#deps.spec();
    const first = {
      layout: KEY_LAYOUT_VERSION,
      ...{ shards, mode, actives },
      preferred: gateways.map(({ name }) => name),
      generation: this.#generation + 1,
      paused: failoverPaused !== null,
    };
    if (await this.#deps.control.create(first)) {
      this.#deps.log.info({ fleet, generation: first.generation }, "wrote the control record");
    }
    redis.control = await this.#deps.control.read();
  }

  /**
   * Automatic failover is paused in Redis exactly while it is in the spec. Waits for an operation that runs: a write
   * between its steps would overtake its own.
   */
  async keepPaused(view: FleetView, redis: RedisReading): Promise<void> {
    const { acting, spec } = this.#deps;
    const paused = spec().failoverPaused !== null;
    if (redis.control === null || redis.control.paused === paused) return;
    if (acting.current === null || view.operationId !== null) return;
    await this.order(view, redis, () => ({ paused })).catch((error) => {
      if (error instanceof StaleController) acting.doubt();
      else this.#deps.log.warn({ err: error }, "the pause could not be written to Redis yet");
    });
  }

  /** Changes the record so that no shard moves. @param make from the generation that it will have. */
  async order(
    view: FleetView,
    redis: RedisReading,
    make: (generation: number) => Omit<ControlChange, "preferred">,
  ): Promise<Changed> {
    const { control } = this.#deps;
    const ref = `order_${randomUUID()}`;
    let changed: Changed = { result: "missing" };
    let current = redis.control;
    for (let tries = 0; current !== null && tries < TRIES_MAX; tries++) {
      const { generation } = current;
      // A command that is not obeyed yet stays the command.
      const obeyed = redis.shards.every(({ lease }) => !lease || lease.generation === generation);
      const preferred = obeyed ? holdersFirst(view) : current.preferred;
      changed = await control.change(generation, { preferred, ...make(generation + 1) }, ref);
      if (changed.result !== "superseded") break;
      current = await control.read();
    }
    await control.wake("control");
    return changed;
  }
}
