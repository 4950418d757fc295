import type { Member } from "../lease/schema.ts";
import { containerOf, type HostReading, isFresh, type Observation } from "./observation.ts";
import type { GatewayWish } from "./spec.ts";

/** One thing that is not as the fleet's spec says, though no operation is at it. */
export type Drift = { sentence: string } & (
  | { kind: "missing"; gateway: string }
  | { kind: "release" | "weight" | "port"; gateway: string }
  | { kind: "stranger"; gateway: string; host: string }
  | { kind: "surge"; gateway: string }
  | { kind: "control" }
  | { kind: "edge"; edge: string }
  | { kind: "strange-edge"; edge: string; host: string }
);

/**
 * Desired against observed. Hosts whose agents are silent say nothing about drift. While an operation runs only it
 * knows what shall be, so nothing but containers that nobody wants is told then.
 */
export function driftOf(
  seen: Observation,
  memberOf: (gateway: string) => Member | undefined,
): Drift[] {
  const strangers = seen.hosts
    .filter((host) => isFresh(seen, host))
    .flatMap((host) => strange(seen, host));
  if (seen.operation !== null) return strangers;
  return [
    ...controlDrift(seen),
    ...seen.spec.gateways.flatMap((wish) => gatewayDrift(seen, wish, memberOf(wish.name))),
    ...strangers,
    ...seen.spec.edges.flatMap(({ name, host }) => edgeDrift(seen, name, host)),
  ];
}

function controlDrift({ redis: { control }, spec }: Observation): Drift[] {
  if (control === null || (control.mode === spec.mode && control.actives === spec.actives))
    return [];
  const words = ({ mode, actives }: { mode: string; actives: number }) => `${mode} with ${actives}`;
  return [
    {
      kind: "control",
      sentence: `The control record in Redis says ${words(control)}, the spec ${words(spec)}.`,
    },
  ];
}

function gatewayDrift(seen: Observation, wish: GatewayWish, member: Member | undefined): Drift[] {
  const { name: gateway, host: hostName } = wish;
  const host = seen.hosts.find(({ name }) => name === hostName);
  // A release of 0: nobody has placed it yet.
  if (host === undefined || !isFresh(seen, host) || wish.release === 0) return [];
  const container = containerOf(host, gateway);
  if (container === undefined) {
    return [{ kind: "missing", gateway, sentence: `${gateway} has no container on ${hostName}.` }];
  }
  const drifts: Drift[] = [];
  const { release } = seen;
  if (release !== null && container.release !== release.number) {
    const runs = container.release === null ? "no release" : `release ${container.release}`;
    drifts.push({
      ...{ kind: "release", gateway },
      sentence: `${gateway} runs ${runs} (${container.image}), the fleet's is ${release.number}.`,
    });
  } else if (release !== null && container.imageId !== release.imageId) {
    drifts.push({
      ...{ kind: "release", gateway },
      sentence: `${gateway} runs image ${short(container.imageId)}, release ${release.number} is ${short(release.imageId)}.`,
    });
  }
  if (member !== undefined && member.weight !== wish.weight) {
    drifts.push({
      ...{ kind: "weight", gateway },
      sentence: `${gateway} runs with weight ${member.weight}, the spec says ${wish.weight}.`,
    });
  }
  const known = [wish.port, wish.secondPort].filter((port) => port !== null);
  const port = container.ports.find((each) => !known.includes(each));
  // Until both are chosen they are only learned.
  if (port !== undefined && known.length === 2) {
    drifts.push({
      ...{ kind: "port", gateway },
      sentence: `${gateway} listens on port ${port}, the edges know ${known.join(" and ")}.`,
    });
  }
  if (container.surge !== null) {
    drifts.push({
      ...{ kind: "surge", gateway },
      sentence: `${container.surge.containerName} is left on ${hostName}, and no rollout runs.`,
    });
  }
  return drifts;
}

/** Containers with the fleet's label that the fleet does not have there. */
function strange({ spec }: Observation, host: HostReading): Drift[] {
  const gateways = (host.report?.gateways ?? []).filter(
    ({ gateway }) =>
      !spec.gateways.some(({ name, host: at }) => name === gateway && at === host.name),
  );
  const edges = (host.report?.edges ?? []).filter(
    ({ edge, containerId }) =>
      containerId !== null &&
      !spec.edges.some(({ name, host: at }) => name === edge && at === host.name),
  );
  return [
    ...gateways.map(
      ({ gateway, containerName }): Drift => ({
        ...{ kind: "stranger", gateway, host: host.name },
        sentence: `${containerName} on ${host.name} carries this fleet's label, but the fleet has no ${gateway} there.`,
      }),
    ),
    ...edges.map(
      ({ edge }): Drift => ({
        ...{ kind: "strange-edge", edge, host: host.name },
        sentence: `An edge ${edge} runs on ${host.name}, but the fleet has none of that name there.`,
      }),
    ),
  ];
}

function edgeDrift(seen: Observation, edge: string, hostName: string): Drift[] {
  const given = seen.edgeHashes?.[edge] ?? null;
  const host = seen.hosts.find(({ name }) => name === hostName);
  if (given === null || host === undefined || !isFresh(seen, host)) return [];
  const running = host.report?.edges.find((each) => each.edge === edge)?.configHash ?? null;
  return running === null || running === given
    ? []
    : [
        {
          ...{ kind: "edge", edge },
          sentence: `${edge} runs another configuration than the one that it was given.`,
        },
      ];
}

const short = (imageId: string) => imageId.replace(/^sha256:/, "").slice(0, 12);
