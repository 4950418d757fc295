import { GATEWAY_PORT, type ImageView } from "@chela/shared/agent-link/schema";
import type Docker from "dockerode";
import { AgentFault } from "../fault.ts";
import {
  type ContainerEvent,
  type ContainerSpec,
  type ContainerView,
  EVENT_ACTIONS,
  type UsageSample,
} from "./port.ts";

/** Docker's shapes into the port's and back; no call in here. */

const EXPOSED = `${GATEWAY_PORT}/tcp`;

export function createOptions(spec: ContainerSpec): Docker.ContainerCreateOptions {
  const publish = spec.publish;
  return {
    name: spec.name,
    Image: spec.image,
    Labels: { ...spec.labels },
    Env: [...spec.env],
    ...(spec.user === null ? {} : { User: spec.user }),
    ...(spec.command === null ? {} : { Cmd: [...spec.command], Entrypoint: [] }),
    ...(spec.stopSignal === null ? {} : { StopSignal: spec.stopSignal }),
    StopTimeout: spec.stopTimeoutSeconds,
    ...(publish === null ? {} : { ExposedPorts: { [EXPOSED]: {} } }),
    HostConfig: {
      ...(publish === null
        ? {}
        : {
            PortBindings: { [EXPOSED]: [{ HostIp: publish.host, HostPort: String(publish.port) }] },
          }),
      NetworkMode: spec.network,
      // Back after a crash and after a reboot of the host, agent or no agent.
      RestartPolicy: { Name: "unless-stopped" },
      // No init process: the gateway is the container's process, so what pauses or kills one does it to the other.
      CapDrop: ["ALL"],
      CapAdd: [...spec.capabilities],
      SecurityOpt: ["no-new-privileges"],
      // Not ReadonlyRootfs: files are copied in between create and start, which Docker refuses there.
      PidsLimit: 1_024,
      // Swap included, or a leak would only make everything slow.
      ...(spec.memoryBytes === null
        ? {}
        : { Memory: spec.memoryBytes, MemorySwap: spec.memoryBytes }),
      ExtraHosts: [...spec.extraHosts],
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
    },
  };
}

export function viewOf(info: Docker.ContainerInspectInfo): ContainerView {
  const state = info.State;
  const binding = info.HostConfig.PortBindings as
    | Record<string, { HostIp: string; HostPort: string }[] | undefined>
    | null
    | undefined;
  const published = binding?.[EXPOSED]?.[0];
  const networks = Object.values(info.NetworkSettings.Networks ?? {});
  const address = networks.map((network) => network?.IPAddress).find(Boolean);
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ""),
    image: info.Config.Image,
    imageId: info.Image,
    labels: info.Config.Labels ?? {},
    state: state.Status as ContainerView["state"],
    exitCode: state.Running ? null : state.ExitCode,
    outOfMemory: state.OOMKilled,
    startedAt: timeOf(state.StartedAt),
    finishedAt: timeOf(state.FinishedAt),
    restarts: info.RestartCount ?? 0,
    address: address ?? null,
    published:
      published === undefined ? null : { host: published.HostIp, port: Number(published.HostPort) },
  };
}

/** Docker writes the year 1 for "never". */
const timeOf = (time: string): string | null =>
  time === "" || time.startsWith("0001-") ? null : time;

export function imageOf(info: {
  Id: string;
  RepoTags?: string[] | null;
  Size: number;
  /** Seconds in lists, ISO elsewhere. */
  Created: string | number;
}): ImageView {
  const created = typeof info.Created === "number" ? info.Created * 1_000 : info.Created;
  return {
    id: info.Id,
    tags: info.RepoTags ?? [],
    sizeBytes: info.Size,
    createdAt: new Date(created).toISOString(),
  };
}

/** The host's IPv4 address on a network. */
export function gatewayAddress(info: Docker.NetworkInspectInfo): string | null {
  const ranges: { Gateway?: string }[] = info.IPAM?.Config ?? [];
  const gateway = ranges.map((range) => range.Gateway).find((address) => address?.includes("."));
  return gateway ?? null;
}

export function sampleOf(stats: Docker.ContainerStats): UsageSample | null {
  const cpuNanos = stats.cpu_stats?.cpu_usage?.total_usage;
  const used = stats.memory_stats?.usage;
  const atMs = Date.parse(stats.read);
  // A container that is not running answers zeros and a time of year 1.
  if (cpuNanos === undefined || used === undefined || !(atMs > 0)) return null;
  // As `docker stats` counts: without the part of the page cache that can go at any time.
  const cache = stats.memory_stats.stats?.inactive_file ?? 0;
  return { cpuNanos, atMs, memoryBytes: Math.max(0, used - cache) };
}

/** Docker tells about a file in a header of an answer without body. */
export function fileOf(answer: unknown): { linkTo: string | null } {
  const { headers } = answer as { headers: Record<string, string | undefined> };
  const stat = headers["x-docker-container-path-stat"] ?? "";
  const { linkTarget } = JSON.parse(Buffer.from(stat, "base64").toString("utf8")) as {
    linkTarget?: string;
  };
  return { linkTo: linkTarget ? linkTarget : null };
}

/** A line of the event stream; null: not one that the agent follows. */
export function eventOf(raw: unknown): ContainerEvent | null {
  const event = raw as {
    Action?: string;
    timeNano?: number;
    Actor?: { ID?: string; Attributes?: Record<string, string> };
  };
  const action = EVENT_ACTIONS.find((known) => known === event.Action);
  const container = event.Actor?.ID;
  if (action === undefined || container === undefined) return null;
  const labels = event.Actor?.Attributes ?? {};
  const exitCode = labels["exitCode"];
  return {
    action,
    container,
    atMs: (event.timeNano ?? 0) / 1e6,
    labels,
    exitCode: exitCode === undefined ? null : Number(exitCode),
  };
}

export function isStatus(error: unknown, ...statuses: number[]): boolean {
  const status = (error as { statusCode?: unknown })?.statusCode;
  return typeof status === "number" && statuses.includes(status);
}

/** Docker's errors into the agent's: a stable code and what to do. */
export function translate(error: unknown, socketPath: string): Error {
  if (error instanceof AgentFault) return error;
  const { code, statusCode, json, message } = error as {
    code?: string;
    statusCode?: number;
    json?: { message?: string };
    message?: string;
  };
  const said = json?.message ?? message ?? String(error);
  if (code === "ENOENT" || code === "ECONNREFUSED" || code === "EACCES" || code === "ECONNRESET") {
    return new AgentFault(
      "ENGINE_UNREACHABLE",
      `Docker does not answer on ${socketPath} (${code}): start it, and let the agent read its socket.`,
    );
  }
  if (statusCode === 409 && /name .* already in use/i.test(said)) {
    return new AgentFault("NAME_TAKEN", `${said} Remove that container or rename it.`);
  }
  if (statusCode === 404 && /no such image/i.test(said)) {
    return new AgentFault("IMAGE_MISSING", `${said}: pull it, or send it to this host.`);
  }
  if (/port is already allocated|address already in use/i.test(said)) {
    return new AgentFault("PORT_TAKEN", `${said}. Free that port or choose another.`);
  }
  if (statusCode === 404) return new AgentFault("NOT_FOUND", `${said}.`);
  return new AgentFault("START_FAILED", `Docker refused: ${said}`);
}
