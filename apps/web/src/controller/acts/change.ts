import { holdersFirst } from "@chela/shared/failover/plan";
import type { Action, ActionResult } from "@chela/shared/operation/action";
import { AgentError } from "../../agents/agent.ts";
import { NotNow } from "../executor.ts";
import { type ActDeps, askHost, askRedis, done, notDone } from "./context.ts";
import { create } from "./gateway.ts";

/** After it the gateways go on by themselves; it is only not waited for any more. */
const SETTLED_WITHIN_MS = 15_000;

type Of<T extends Action["type"]> = Extract<Action, { type: T }>;
type OperationRef = { id: string; step: string };

export async function cordon(deps: ActDeps, { host }: Of<"cordon">): Promise<ActionResult> {
  await deps.hosts.setCordoned(host, true);
  return done(`No new gateway is placed on ${host}.`);
}

export async function settings(
  deps: ActDeps,
  { settings: { rules, backups, edges } }: Of<"settings">,
): Promise<ActionResult> {
  const known = new Set(deps.desired.spec.edges.map(({ name }) => name));
  const added = edges.filter(({ name }) => !known.has(name));
  // What an edge runs from is there before anybody relies on it.
  for (const { name, host } of added) {
    const image = await deps.images.resolve(deps.edgeImage);
    if (image === null) {
      return notDone(
        "image-missing",
        `${deps.edgeImage}, which ${name} runs from, is on no host and cannot be pulled.`,
      );
    }
    await askHost(deps, host, () => deps.images.ensure(host, deps.edgeImage, image.id));
  }
  await deps.desired.change((spec) => ({
    ...spec,
    ...rules,
    gateways: spec.gateways.map((wish) => ({
      ...wish,
      backup: backups.find(({ gateway }) => gateway === wish.name)?.backup ?? wish.backup,
    })),
    edges: [
      ...spec.edges.map((wish) => ({
        ...wish,
        port: edges.find(({ name }) => name === wish.name)?.port ?? wish.port,
      })),
      ...edges
        .filter(({ name }) => !spec.edges.some((wish) => wish.name === name))
        .map((edge) => ({ ...edge, image: deps.edgeImage })),
    ],
  }));
  return done("Written down.");
}

export async function mode(
  deps: ActDeps,
  { mode, actives, ref }: Of<"mode">,
  signal: AbortSignal,
): Promise<ActionResult> {
  return askRedis(async () => {
    const view = await deps.observer.look();
    const record = await deps.control.read();
    // The observer writes one at its next look, from the spec.
    if (record === null) throw new NotNow("The fleet has no control record in Redis.");
    const answer = await deps.control.change(
      record.generation,
      { mode, actives, preferred: holdersFirst(view) },
      ref,
    );
    if (answer.result !== "done") throw new NotNow("The control record was changed meanwhile.");
    const { generation } = answer;
    const outcome = await deps.leases.follow(
      () => deps.control.wake("mode"),
      (lease) => lease !== null && lease.generation >= generation,
      SETTLED_WITHIN_MS,
      signal,
    );
    return done(
      "missing" in outcome
        ? `Generation ${generation}. ${outcome.missing} shards are not confirmed under it yet; the gateways go on by themselves.`
        : `Generation ${generation}; every shard is held under it.`,
    );
  });
}

export async function move(
  deps: ActDeps,
  { gateway, from, to, weight, drained }: Of<"move">,
  operation: OperationRef,
): Promise<ActionResult> {
  const wish = deps.desired.gateway(gateway);
  if (wish === undefined) return notDone("no-such-gateway", `There is no gateway ${gateway}.`);
  if (wish.host !== to) {
    const release = await deps.desired.findRelease(wish.release);
    if (release === null) return notDone("no-release", `${gateway} has no release.`);
    // Whatever can be refused is refused while it still runs where it is.
    await askHost(deps, to, () => deps.images.ensure(to, release.image, release.imageId));
    const held = drained ? await shardsOf(deps, gateway, from) : 0;
    if (held > 0) return holdsAgain(gateway, held);
    await takeAway(deps, gateway, from, operation);
    const place = { host: to, port: null, secondPort: null };
    await deps.desired.changeGateway(gateway, { ...place, weight });
  }
  const { backup, release } = deps.desired.gateway(gateway)!;
  const wished = { gateway, host: to, weight, backup, release };
  return create(deps, { type: "create", ...wished }, operation);
}

export async function remove(
  deps: ActDeps,
  { gateway, host, drained }: Of<"remove">,
  operation: OperationRef,
): Promise<ActionResult> {
  const held = drained ? await shardsOf(deps, gateway, host) : 0;
  if (held > 0) return holdsAgain(gateway, held);
  await takeAway(deps, gateway, host, operation);
  return done(`Its container on ${host} is removed.`);
}

export async function removeEdge(
  deps: ActDeps,
  { edge, host }: Of<"remove-edge">,
): Promise<ActionResult> {
  await askHost(deps, host, (agent) => agent.removeEdge(edge));
  await deps.desired.change((spec) => ({
    ...spec,
    edges: spec.edges.filter(({ name, host: at }) => name !== edge || at !== host),
  }));
  return done(`${edge} on ${host} is removed.`);
}

/** Asked right before it is stopped: a failover since the drain may have made it the active. */
async function shardsOf(deps: ActDeps, gateway: string, host: string): Promise<number> {
  try {
    const status = await askHost(deps, host, (agent) => agent.drainGateway(gateway, true));
    return status.shards.length;
  } catch (error) {
    const gone =
      error instanceof AgentError && ["GATEWAY_UNREACHABLE", "NOT_FOUND"].includes(error.reason);
    if (!gone) throw error;
    return 0;
  }
}

const holdsAgain = (gateway: string, shards: number): ActionResult =>
  notDone(
    "holds-shards",
    `${gateway} holds ${shards} shards again, because nobody else could: it was not stopped. Look at the other gateways, then repeat.`,
  );

async function takeAway(
  deps: ActDeps,
  gateway: string,
  host: string,
  operation: OperationRef,
): Promise<void> {
  await askHost(deps, host, (agent) => agent.removeGateway(gateway, operation)).catch((error) => {
    if (!(error instanceof AgentError) || error.reason !== "NOT_FOUND") throw error;
  });
}
