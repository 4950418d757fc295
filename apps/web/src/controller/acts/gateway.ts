import type { Action, ActionResult } from "@chela/shared/operation/action";
import { AgentError } from "../../agents/agent.ts";
import type { Note } from "../executor.ts";
import { type ActDeps, ask, askHost, done, notDone } from "./context.ts";
import { lastWordsOf } from "./last-words.ts";

/** A turn that takes longer is done again by whoever holds its shard then. */
const IN_FLIGHT_MS = 30_000;
const ASK_EVERY_MS = 50;
/** Unhealthy for this long while it is watched: not a blink. */
const UNHEALTHY_MS = 3_000;
const FRESH_MS = 5_000;
const LOG_LINES = 8;
/** A new container that died this often will not become ready. */
const RESTARTS_MAX = 3;

type Of<T extends Action["type"]> = Extract<Action, { type: T }>;

export async function drain(
  deps: ActDeps,
  { gateway }: Of<"drain">,
  signal: AbortSignal,
  note: Note,
): Promise<ActionResult> {
  const end = deps.clock.monotonicMs() + IN_FLIGHT_MS;
  for (;;) {
    const status = await ask(deps, gateway, (agent) => agent.drainGateway(gateway, true)).catch(
      unreachable,
    );
    if (status === null) {
      return notDone("no-answer", `${gateway} does not answer: it cannot be drained.`);
    }
    const held = status.shards.length;
    if (held === 0 && status.inFlight === 0)
      return done("It holds no shard; nothing is in flight.");
    if (signal.aborted || deps.clock.monotonicMs() >= end) {
      return held > 0
        ? notDone("holds-shards", `${gateway} still holds ${held} shards: nobody took them over.`)
        : done(
            `${status.inFlight} turns are still in flight; whoever holds their shards does them again.`,
          );
    }
    note(
      held > 0
        ? `${held} shards of ${gateway}`
        : `${status.inFlight} turns in flight on ${gateway}`,
    );
    await deps.clock.sleep(ASK_EVERY_MS, signal);
  }
}

export async function undrain(deps: ActDeps, { gateway }: Of<"undrain">): Promise<ActionResult> {
  const status = await ask(deps, gateway, (agent) => agent.drainGateway(gateway, false)).catch(
    unreachable,
  );
  if (status === null) return notDone("no-answer", `${gateway} does not answer.`);
  return done(status.ready ? "It accepts and may hold shards." : null);
}

export async function replace(
  deps: ActDeps,
  { gateway, release, drained }: Of<"replace">,
  operation: { id: string; step: string },
): Promise<ActionResult> {
  const spec = await deps.desired.gatewaySpec(gateway, release);
  const wish = deps.desired.gateway(gateway)!;
  const present = await presentContainer(deps, gateway);
  const mine = present?.operation?.id === operation.id && present.operation.step === operation.step;
  if (drained && !mine) {
    // Asked right before it is stopped: a failover since the drain may have made it the active.
    const status = await ask(deps, gateway, (agent) => agent.drainGateway(gateway, true)).catch(
      unreachable,
    );
    if (status !== null && status.shards.length > 0) {
      return notDone(
        "holds-shards",
        `${gateway} holds ${status.shards.length} shards again: planned anew.`,
      );
    }
  }
  await ask(deps, gateway, () => deps.images.ensure(wish.host, spec.image, spec.imageId));
  // On disk first: whoever brings this gateway up from now on brings up this release.
  await deps.desired.changeGateway(gateway, { release });
  const placed = await ask(deps, gateway, (agent) => agent.replaceGateway(spec, operation));
  if (placed.address !== null && placed.address.port !== wish.port) {
    await deps.desired.changeGateway(gateway, { port: placed.address.port });
  }
  return done(`Container ${placed.containerId.slice(0, 12)} from ${placed.image}.`);
}

export async function restart(
  deps: ActDeps,
  { gateway }: Of<"restart">,
  operation: { id: string; step: string },
): Promise<ActionResult> {
  const placed = await ask(deps, gateway, (agent) => agent.restartGateway(gateway, operation));
  return done(`Container ${placed.containerId.slice(0, 12)}.`);
}

export async function healthy(
  deps: ActDeps,
  { gateway, release, withinMs }: Of<"healthy">,
  signal: AbortSignal,
  note: Note,
): Promise<ActionResult> {
  const found = await deps.observer.until(
    (view) => {
      const seen = view.gateways.find(({ name }) => name === gateway);
      if (seen === undefined) return null;
      const right = release === null || seen.release === release;
      if (seen.health === "healthy" && seen.role !== "down" && right) return seen;
      if (release !== null && right && seen.restarts >= RESTARTS_MAX) return seen;
      note(`${gateway}: ${seen.healthReason ?? seen.health}`);
      return null;
    },
    withinMs,
    signal,
  );
  if (found?.health === "healthy") return done(`It is ready, as ${found.role}.`);
  const words = await lastWords(deps, gateway);
  if (found !== null) {
    return notDone(
      "not-healthy",
      `${gateway} does not stay up: it died ${found.restarts} times.${words}`,
    );
  }
  const seen = deps.observer.view?.gateways.find(({ name }) => name === gateway);
  return notDone(
    "not-healthy",
    `${gateway} is not healthy after ${withinMs / 1_000} s. ${seen?.healthReason ?? "It is not seen."}${words}`,
  );
}

export async function soak(
  deps: ActDeps,
  { gateway, untilMs }: Of<"soak">,
  signal: AbortSignal,
): Promise<ActionResult> {
  let illSinceMs: number | null = null;
  const left = untilMs - deps.clock.wallMs();
  if (left <= 0) return done(null);
  const fault = await deps.observer.until(
    (view) => {
      const seen = view.gateways.find(({ name }) => name === gateway);
      const ill = seen === undefined || seen.health === "unhealthy" || seen.role === "down";
      if (!ill) {
        illSinceMs = null;
        return null;
      }
      illSinceMs ??= deps.clock.monotonicMs();
      if (deps.clock.monotonicMs() - illSinceMs < UNHEALTHY_MS) return null;
      return seen?.healthReason ?? `${gateway} is not seen any more.`;
    },
    left,
    signal,
  );
  if (fault === null) return done("Healthy all the time.");
  return notDone(
    "not-healthy",
    `${gateway} fell ill while it was watched. ${fault}${await lastWords(deps, gateway)}`,
  );
}

export async function create(
  deps: ActDeps,
  action: Of<"create">,
  operation: { id: string; step: string },
): Promise<ActionResult> {
  const { gateway, host, weight, backup, release } = action;
  if (deps.desired.gateway(gateway) === undefined) {
    await deps.desired.change((spec) => ({
      ...spec,
      gateways: [...spec.gateways, { name: gateway, host, port: null, weight, backup, release }],
    }));
  }
  const spec = await deps.desired.gatewaySpec(gateway, release);
  await askHost(deps, host, () => deps.images.ensure(host, spec.image, spec.imageId));
  const placed = await askHost(deps, host, (agent) => agent.ensureGateway(spec, operation));
  await deps.desired.changeGateway(gateway, { port: placed.address?.port ?? null });
  return done(`Container ${placed.containerId.slice(0, 12)} on ${host}.`);
}

export async function forget(deps: ActDeps, { gateway }: Of<"forget">): Promise<ActionResult> {
  await deps.desired.change((spec) => ({
    ...spec,
    gateways: spec.gateways.filter(({ name }) => name !== gateway),
  }));
  return done();
}

export async function remove(
  deps: ActDeps,
  { gateway, host }: Of<"remove">,
  operation: { id: string; step: string },
): Promise<ActionResult> {
  await askHost(deps, host, (agent) => agent.removeGateway(gateway, operation)).catch((error) => {
    if (!(error instanceof AgentError) || error.reason !== "NOT_FOUND") throw error;
  });
  return done(`Its container on ${host} is removed.`);
}

/** The container as its host's agent reports it now; waits for a report where the link has just come up. */
async function presentContainer(deps: ActDeps, gateway: string) {
  const host = deps.desired.gateway(gateway)?.host ?? "";
  const found = await deps.observer.until(
    (_, { hosts, nowMs }) => {
      const seen = hosts.find(({ name }) => name === host);
      if (seen?.connected !== true || seen.reportAtMs === null) return null;
      if (nowMs - seen.reportAtMs > FRESH_MS) return null;
      return { container: seen.report?.gateways.find((entry) => entry.gateway === gateway) };
    },
    FRESH_MS,
    new AbortController().signal,
  );
  return found?.container;
}

function unreachable(error: unknown): null {
  if (error instanceof AgentError && error.reason === "GATEWAY_UNREACHABLE") return null;
  throw error;
}

async function lastWords(deps: ActDeps, gateway: string): Promise<string> {
  const host = deps.desired.gateway(gateway)?.host;
  const agent = host === undefined ? undefined : deps.links.get(host)?.agent;
  return lastWordsOf((await agent?.lastLogs(gateway, LOG_LINES).catch(() => [])) ?? []);
}
