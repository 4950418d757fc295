import type { Action, ActionResult } from "@chela/shared/operation/action";
import { AgentError } from "../../agents/agent.ts";
import type { Note } from "../executor.ts";
import { type ContainerHealth, lastEnd, servingHealth, surgeHealth } from "./container-health.ts";
import { type ActDeps, ask, askHost, done, notDone } from "./context.ts";
import { LOG_LINES, lastWordsOf } from "./last-words.ts";

/** A turn that takes longer is done again by whoever holds its shard then. */
const IN_FLIGHT_MS = 30_000;
const ASK_EVERY_MS = 50;
const FRESH_MS = 5_000;
/** A new container that died this often will not become ready. */
const RESTARTS_MAX = 3;
/** A bad gateway goes on serving while they are fetched. */
const LAST_WORDS_MS = 2_000;
/** A report that is later than this is the watching's own concern. */
const SEEN_WITHIN_MS = 5_000;

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
  { gateway, release, drained, urgent = false, weight }: Of<"replace">,
  operation: { id: string; step: string },
): Promise<ActionResult> {
  const wish = deps.desired.gateway(gateway)!;
  const spec = {
    ...(await deps.desired.gatewaySpec(gateway, release)),
    weight: weight ?? wish.weight,
  };
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
  const placed = await ask(deps, gateway, (agent) => agent.replaceGateway(spec, operation, urgent));
  if (weight !== undefined) await deps.desired.changeGateway(gateway, { weight });
  await deps.desired.keepPorts(gateway, placed);
  return done(`Container ${placed.containerId.slice(0, 12)} from ${placed.image}.`);
}

export async function surge(
  deps: ActDeps,
  { gateway, release }: Of<"surge">,
  operation: { id: string; step: string },
): Promise<ActionResult> {
  const spec = await deps.desired.gatewaySpec(gateway, release);
  const { host } = deps.desired.gateway(gateway)!;
  await ask(deps, gateway, () => deps.images.ensure(host, spec.image, spec.imageId));
  const placed = await ask(deps, gateway, (agent) => agent.surgeGateway(spec, operation));
  await deps.desired.keepPorts(gateway, placed);
  const { containerId, image } = placed.surge ?? placed;
  return done(`Container ${containerId.slice(0, 12)} from ${image} runs beside it.`);
}

export async function takeOver(
  deps: ActDeps,
  { gateway, release }: Of<"take-over">,
  operation: { id: string; step: string },
  signal: AbortSignal,
): Promise<ActionResult> {
  // On disk first: whoever brings this gateway up from now on brings up this release.
  await deps.desired.changeGateway(gateway, { release });
  const placed = await ask(deps, gateway, (agent) => agent.takeOverGateway(gateway, operation));
  // ⚑ Whoever watches it next must not take the old container's end for the new one's.
  await deps.observer.until(
    ({ gateways }) =>
      gateways.some((g) => g.name === gateway && g.containerId === placed.containerId),
    SEEN_WITHIN_MS,
    signal,
  );
  return done(`Container ${placed.containerId.slice(0, 12)} serves as ${gateway}.`);
}

export async function unsurge(
  deps: ActDeps,
  { gateway }: Of<"unsurge">,
  operation: { id: string; step: string },
): Promise<ActionResult> {
  await ask(deps, gateway, (agent) => agent.unsurgeGateway(gateway, operation));
  return done();
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
  { gateway, release, withinMs, surge = false }: Of<"healthy">,
  signal: AbortSignal,
  note: Note,
): Promise<ActionResult> {
  let deathsBefore = Number.POSITIVE_INFINITY;
  let last: ContainerHealth | null = null;
  const found = await deps.observer.until(
    (view, seen) => {
      const now = surge ? surgeHealth(seen, gateway) : servingHealth(view, seen, gateway);
      last = now;
      if (now === null) return null;
      const right = release === null || now.release === release;
      if (now.ok && right) return now;
      // A container of a new release has died as often as it says; one that was there before may have died before.
      deathsBefore = release === null ? Math.min(deathsBefore, now.restarts) : 0;
      if (right && now.restarts - deathsBefore >= RESTARTS_MAX) return now;
      note(`${gateway}: ${now.reason}`);
      return null;
    },
    withinMs,
    signal,
  );
  if (found?.ok === true) return done(`It is ready, as ${found.role}.`);
  const words = await lastWords(deps, gateway, surge);
  const who = surge ? `The surge container of ${gateway}` : gateway;
  if (found !== null) {
    return notDone(
      "not-healthy",
      `${who} does not stay up: it died ${RESTARTS_MAX} times.${lastEnd(found)}${words}`,
    );
  }
  const seen = last as ContainerHealth | null;
  return notDone(
    "not-healthy",
    `${who} is not healthy after ${withinMs / 1_000} s. ${seen?.reason ?? "It is not seen."}${seen === null ? "" : lastEnd(seen)}${words}`,
  );
}

export async function lastWordsFor(
  deps: ActDeps,
  { gateway }: Of<"last-words">,
): Promise<ActionResult> {
  const late = deps.clock.sleep(LAST_WORDS_MS).then(() => "");
  const said = (await Promise.race([lastWords(deps, gateway), late])).trim();
  return done(said === "" ? null : said);
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
      gateways: [
        ...spec.gateways,
        { name: gateway, host, port: null, secondPort: null, weight, backup, release },
      ],
    }));
  }
  const spec = await deps.desired.gatewaySpec(gateway, release);
  await askHost(deps, host, () => deps.images.ensure(host, spec.image, spec.imageId));
  const placed = await askHost(deps, host, (agent) => agent.ensureGateway(spec, operation));
  await deps.desired.keepPorts(gateway, placed);
  return done(`Container ${placed.containerId.slice(0, 12)} on ${host}.`);
}

export async function forget(deps: ActDeps, { gateway }: Of<"forget">): Promise<ActionResult> {
  await deps.desired.change((spec) => ({
    ...spec,
    gateways: spec.gateways.filter(({ name }) => name !== gateway),
  }));
  return done();
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

async function lastWords(deps: ActDeps, gateway: string, surge = false): Promise<string> {
  const host = deps.desired.gateway(gateway)?.host;
  const agent = host === undefined ? undefined : deps.links.get(host)?.agent;
  return lastWordsOf((await agent?.lastLogs(gateway, LOG_LINES, surge).catch(() => [])) ?? []);
}
