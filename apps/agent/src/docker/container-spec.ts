import {
  type EdgeSpec,
  type GatewaySpec,
  LABEL,
  type OperationRef,
} from "@chela/shared/agent-link/schema";
import { operationLabels } from "./labels.ts";
import type { ContainerFile, ContainerSpec } from "./port.ts";

/** The gateway's user in its image; its files are readable by nobody else. */
const GATEWAY_UID = 1_000;
const GATEWAY_CONFIG_PATH = "/chela/gateway.json";
/** Written last: a container that has it was completely prepared. */
export const GATEWAY_SECRETS_PATH = "/chela/secrets.env";
export const EDGE_CURRENT_PATH = "/chela/current";
const EDGE_STOP_SECONDS = 10;

export interface HostContext {
  readonly fleet: string;
  readonly host: string;
  /** Address of this host under which published ports are reached. */
  readonly address: string;
  readonly network: string | null;
}

export function containerName(fleet: string, name: string): string {
  return `${fleet}-${name}`;
}

/** The container of a gateway that is started before the one it replaces has gone. */
export function surgeName(fleet: string, gateway: string): string {
  return `${containerName(fleet, gateway)}-next`;
}

/** "1.2.0" of "registry:5000/chela/gateway:1.2.0"; "latest" where no tag is written. */
export function tagOf(reference: string): string {
  const name = reference.split("@")[0] ?? reference;
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(colon + 1) : "latest";
}

export function gatewayContainer(
  spec: GatewaySpec,
  host: HostContext,
  facts: { name: string; port: number; configHash: string; operation: OperationRef | null },
): ContainerSpec {
  return {
    name: facts.name,
    // The tag, not the id: it is what an operator reads in `docker ps`.
    image: spec.image,
    labels: {
      [LABEL.fleet]: host.fleet,
      [LABEL.host]: host.host,
      [LABEL.gateway]: spec.gateway,
      [LABEL.release]: String(spec.release),
      [LABEL.config]: facts.configHash,
      [LABEL.port]: String(facts.port),
      ...operationLabels(facts.operation),
    },
    env: [
      `CHELA_FLEET=${host.fleet}`,
      `CHELA_GATEWAY=${spec.gateway}`,
      `CHELA_VERSION=${tagOf(spec.image)}`,
      `CHELA_WEIGHT=${spec.weight}`,
    ],
    user: `${GATEWAY_UID}:${GATEWAY_UID}`,
    command: null,
    stopSignal: "SIGTERM",
    stopTimeoutSeconds: spec.stopTimeoutSeconds,
    publish: { host: host.address, port: facts.port },
    network: host.network ?? "bridge",
    capabilities: [],
    // An assistant that runs on the host itself is reached by this name.
    extraHosts: ["host.docker.internal:host-gateway"],
    memoryBytes: spec.memoryBytes,
  };
}

/**
 * The gateway's files. `secrets.env` has one `NAME="value"` per line, as shared/config/secrets.ts reads it. They are copied in between create and start: no bind mount of the host, no secret in the environment.
 */
export function gatewayFiles(spec: GatewaySpec, adminToken: string): ContainerFile[] {
  const secrets = { ...spec.secrets, CHELA_ADMIN_TOKEN: adminToken };
  const lines = Object.entries(secrets).map(([name, value]) => `${name}="${value}"\n`);
  const own = { mode: 0o600, uid: GATEWAY_UID };
  return [
    { path: GATEWAY_CONFIG_PATH, content: spec.config, ...own },
    { path: GATEWAY_SECRETS_PATH, content: lines.join(""), ...own },
  ];
}

/**
 * nginx binds ports of the host itself, so it lives in the host's network: the one exception to the policy.
 * It starts as root with the few capabilities that nginx needs to become an unprivileged worker.
 */
export function edgeContainer(
  spec: EdgeSpec,
  host: HostContext,
  operation: OperationRef | null,
): ContainerSpec {
  return {
    name: containerName(host.fleet, spec.edge),
    image: spec.image,
    labels: {
      [LABEL.fleet]: host.fleet,
      [LABEL.host]: host.host,
      [LABEL.edge]: spec.edge,
      ...operationLabels(operation),
    },
    env: [],
    user: "0:0",
    command: ["nginx", "-c", edgeConfigPath("current"), "-g", "daemon off;"],
    stopSignal: "SIGQUIT",
    stopTimeoutSeconds: EDGE_STOP_SECONDS,
    publish: null,
    network: "host",
    capabilities: [
      "CHOWN",
      "DAC_OVERRIDE",
      "FOWNER",
      "KILL",
      "NET_BIND_SERVICE",
      "SETGID",
      "SETUID",
    ],
    extraHosts: [],
    memoryBytes: null,
  };
}

export type EdgeSlot = "a" | "b";
export const otherSlot = (slot: EdgeSlot): EdgeSlot => (slot === "a" ? "b" : "a");
const edgeSlotPath = (slot: EdgeSlot): string => `/chela/${slot}`;
export const edgeConfigPath = (slot: EdgeSlot | "current"): string => `/chela/${slot}/nginx.conf`;

/** One configuration in its slot. The other slot keeps the last good one. */
export function edgeSlotFiles(spec: EdgeSpec, slot: EdgeSlot): ContainerFile[] {
  const at = edgeSlotPath(slot);
  const own = { mode: 0o600, uid: 0 };
  return [
    { path: `${at}/nginx.conf`, content: spec.config, ...own },
    ...(spec.tls === null
      ? []
      : [
          { path: `${at}/tls/certificate.pem`, content: spec.tls.certificate, ...own },
          { path: `${at}/tls/key.pem`, content: spec.tls.key, ...own },
        ]),
  ];
}

/** `current` is a link: swapping it swaps configuration and certificates as one. */
export function edgeCurrentLink(slot: EdgeSlot): ContainerFile {
  return { path: EDGE_CURRENT_PATH, content: { linkTo: slot }, mode: 0o777, uid: 0 };
}
