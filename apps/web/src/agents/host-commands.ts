import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import { repositoryOf, tagOf } from "@chela/shared/fleet/image-reference";
import type { FleetView, ImageChoice, JoinToken } from "@chela/shared/fleet/view";
import { isLoopback } from "../config.ts";
import type { DesiredFleet } from "../fleet/desired.ts";
import type { Console } from "../server/console.ts";
import { type Hosts, LOCAL_HOST } from "./hosts.ts";
import type { AgentLinks } from "./links.ts";

export interface HostCommandDeps {
  clock: Clock;
  hosts: Hosts;
  links: AgentLinks;
  desired: DesiredFleet;
  agentUrl: string;
  /** Address on which Redis is published. */
  bind: string;
  look(): Promise<FleetView>;
}

/** What an operator does with hosts. */
export function hostCommands(deps: HostCommandDeps): Console["hosts"] {
  return {
    async createJoinToken({ host, region }, by): Promise<JoinToken> {
      const { token, expiresAtMs } = await deps.hosts.createToken(
        host,
        region ?? null,
        by.name,
        deps.clock.wallMs(),
      );
      by.note?.({
        after: { host, region: region ?? null, expiresAt: new Date(expiresAtMs).toISOString() },
      });
      return {
        token,
        // A pipe's status is sh's alone: without the echo, an unreachable console would look like success.
        command: `(curl -sSL '${deps.agentUrl}/join?token=${token}' || echo exit 1) | sh`,
        expiresAt: new Date(expiresAtMs).toISOString(),
        // That one reaches both where they are.
        warnings: host === LOCAL_HOST ? [] : joinWarnings(deps.agentUrl, deps.bind),
      };
    },
    async revoke(_fleet, host, by) {
      const carried = deps.desired.spec.gateways.filter((gateway) => gateway.host === host);
      if (carried.length > 0) {
        throw new Refusal(
          "CONFLICT",
          "host-carries-gateways",
          `${host} carries ${carried.map(({ name }) => name).join(", ")}: remove them first.`,
        );
      }
      const before = deps.hosts.get(host);
      await deps.hosts.revoke(host, deps.clock.wallMs());
      deps.links.cut(host);
      by.note?.({ before: { region: before?.region ?? null, cordoned: before?.cordoned ?? null } });
    },
    async setCordoned(_fleet, host, cordoned, by) {
      const before = deps.hosts.get(host)?.cordoned ?? null;
      await deps.hosts.setCordoned(host, cordoned);
      by.note?.({ before: { cordoned: before }, after: { cordoned } });
      const { hosts } = await deps.look();
      return hosts.find(({ name }) => name === host)!;
    },
    images: () => images(deps),
  };
}

function joinWarnings(agentUrl: string, bind: string): string[] {
  const { hostname } = new URL(agentUrl);
  return [
    ...(isLoopback(hostname)
      ? [
          `The console's address is ${agentUrl}, which another host cannot reach: start the fleet with CHELA_BIND or CHELA_CONSOLE_URL set to one that it can.`,
        ]
      : []),
    ...(isLoopback(bind)
      ? [
          `Redis listens on ${bind} only, so gateways on another host could not reach it: start the fleet with CHELA_BIND set to this machine's own address.`,
        ]
      : []),
  ];
}

/** Tags of the fleet's own image repository, newest first. */
async function images(deps: HostCommandDeps): Promise<ImageChoice[]> {
  const release = deps.desired.release;
  if (release === null) return [];
  const repository = repositoryOf(release.image);
  const view = await deps.look();
  const choices = new Map<string, ImageChoice>();
  for (const host of deps.links.hosts()) {
    const found = await deps.links
      .agent(host)
      .listImages(repository)
      .catch(() => []);
    for (const { id, tags, sizeBytes, createdAt } of found) {
      for (const image of tags.filter((tag) => repositoryOf(tag) === repository)) {
        const key = `${image} ${id}`;
        const choice = choices.get(key) ?? {
          image,
          tag: tagOf(image),
          imageId: id,
          sizeBytes,
          createdAt,
          hosts: [],
          gateways: view.gateways
            .filter((gateway) => gateway.image === image && gateway.imageId === id)
            .map(({ name }) => name),
        };
        choice.hosts.push(host);
        choices.set(key, choice);
      }
    }
  }
  return [...choices.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}
