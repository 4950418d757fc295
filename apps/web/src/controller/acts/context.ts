import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import type { ActionResult } from "@chela/shared/operation/action";
import { type Agent, AgentError } from "../../agents/agent.ts";
import type { Hosts } from "../../agents/hosts.ts";
import type { Images } from "../../agents/images.ts";
import type { AgentLinks } from "../../agents/links.ts";
import type { DesiredFleet } from "../../fleet/desired.ts";
import type { FleetObserver } from "../../fleet/observer.ts";
import type { RedisControl } from "../../fleet/redis-control.ts";
import type { LeaseWatch } from "../../fleet/redis-lease-watch.ts";
import { NotNow } from "../executor.ts";

/** What actions work with. */
export interface ActDeps {
  clock: Clock;
  links: AgentLinks;
  images: Images;
  desired: DesiredFleet;
  observer: FleetObserver;
  control: RedisControl;
  leases: LeaseWatch;
  hosts: Pick<Hosts, "setCordoned">;
  /** What new edges run from. */
  edgeImage: string;
}

export const done = (detail: string | null = null): ActionResult => ({ ok: true, detail });
export const notDone = (reason: string, message: string): ActionResult => ({
  ok: false,
  reason,
  message,
});

/** Agents that are away come back; what one refuses, it refuses again. */
const PASSING = new Set(["AGENT_GONE", "AGENT_SILENT", "ENGINE_UNREACHABLE", "NOT_CONFIGURED"]);

/** Asks the agent of a gateway's host. @throws NotNow where it may answer later, AgentError where it refuses. */
export async function ask<T>(
  deps: ActDeps,
  gateway: string,
  call: (agent: Agent) => Promise<T>,
): Promise<T> {
  const wish = deps.desired.gateway(gateway);
  if (wish === undefined) {
    throw new AgentError("NOT_FOUND", `There is no gateway ${gateway} in this fleet.`);
  }
  return askHost(deps, wish.host, call);
}

export async function askHost<T>(
  deps: ActDeps,
  host: string,
  call: (agent: Agent) => Promise<T>,
): Promise<T> {
  try {
    return await call(deps.links.agent(host));
  } catch (error) {
    if (error instanceof AgentError && PASSING.has(error.reason)) throw new NotNow(error.message);
    throw error;
  }
}

/** Redis' own refusals are faults; everything else is that it does not answer. */
export async function askRedis<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (/^(NOPERM|WRONGTYPE|ERR|WRONGPASS|NOAUTH)\b/.test(message)) throw error;
    throw new NotNow(`Redis does not answer: ${message}`);
  }
}
