import type { Action, ActionResult } from "@chela/shared/operation/action";
import { duration } from "@chela/shared/operation/steps";
import { type ActDeps, askHost, done, notDone } from "./context.ts";

const PROBES = 5;

type Of<T extends Action["type"]> = Extract<Action, { type: T }>;

export async function verify(deps: ActDeps): Promise<ActionResult> {
  const edges = deps.desired.spec.edges;
  if (edges.length === 0) return done("The fleet has no edge.");
  const said: string[] = [];
  for (const { name, host } of edges) {
    const probe = await askHost(deps, host, (agent) => agent.probeEdge(name, PROBES));
    if (probe.failed > 0) {
      return notDone(
        "edge-not-serving",
        `${probe.failed} of ${probe.ok + probe.failed} requests through ${name} failed: look at its log and at the gateways' readiness.`,
      );
    }
    said.push(
      `${name} answered ${probe.ok} of ${probe.ok}, slowest ${duration(Math.max(...probe.ms))}`,
    );
  }
  return done(`${said.join("; ")}.`);
}

export async function image(deps: ActDeps, action: Of<"image">): Promise<ActionResult> {
  return done(
    await askHost(deps, action.host, () =>
      deps.images.ensure(action.host, action.image, action.imageId),
    ),
  );
}

export async function settle(deps: ActDeps, { release }: Of<"settle">): Promise<ActionResult> {
  await deps.desired.change((spec) => ({ ...spec, release }));
  return done(`Release ${release}.`);
}

export async function edges(
  deps: ActDeps,
  { without = [] }: Of<"edges">,
  operation: { id: string; step: string },
): Promise<ActionResult> {
  const said: string[] = [];
  for (const { name, host } of deps.desired.spec.edges) {
    const spec = await deps.desired.edgeSpec(name, without);
    const edge = await askHost(deps, host, (agent) => agent.ensureEdge(spec, operation));
    deps.desired.edgeApplied(spec, edge);
    if (edge.error !== null) return notDone("edge-refused", `${name}: ${edge.error}`);
    said.push(`${name} knows ${deps.desired.upstreams(without).length} gateways`);
  }
  return done(said.length === 0 ? "The fleet has no edge." : `${said.join("; ")}.`);
}
