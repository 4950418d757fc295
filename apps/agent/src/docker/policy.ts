import { LABEL } from "@chela/shared/agent-link/schema";
import type { ContainerSpec } from "./port.ts";

/**
 * What this agent may do to containers: by default nothing. Pure; guarded-engine.ts asks before every call.
 * Answers null when allowed, else a sentence.
 */
export type Verdict = string | null;
type Labels = Readonly<Record<string, string>>;

export type ContainerAction = "change" | "exec" | "read";

/** Only containers that carry this fleet's label, and one of a gateway or an edge. */
export function mayTouch(
  name: string,
  labels: Labels,
  fleet: string,
  action: ContainerAction,
): Verdict {
  const owner = labels[LABEL.fleet];
  if (owner === undefined) return `Container ${name} does not carry Chela's label.`;
  if (owner !== fleet) return `Container ${name} belongs to fleet ${owner}, not to ${fleet}.`;
  const [gateway, edge] = [labels[LABEL.gateway], labels[LABEL.edge]];
  if (gateway === undefined && edge === undefined) {
    return `Container ${name} is neither a gateway nor an edge.`;
  }
  if (action === "exec" && edge === undefined) {
    return `Commands run in edges only, not in ${name}.`;
  }
  return null;
}

export function mayName(name: string, fleet: string): Verdict {
  return name.startsWith(`${fleet}-`)
    ? null
    : `Container ${name} must be named after its fleet: ${fleet}-….`;
}

/** nginx's test and reload, of configurations below /chela; no shell, no other program. */
export function mayExec(argv: readonly string[]): Verdict {
  const [program, ...rest] = argv;
  const config = rest[rest.indexOf("-c") + 1] ?? "";
  const shape = rest.filter((part) => part !== config).join(" ");
  const known = shape === "-t -c" || shape === "-s reload -c";
  return program === "nginx" && known && /^\/chela\/(a|b|current)\/nginx\.conf$/.test(config)
    ? null
    : `The command "${argv.join(" ")}" is not one that an edge needs.`;
}

const EDGE_CAPABILITIES = new Set([
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "KILL",
  "NET_BIND_SERVICE",
  "SETGID",
  "SETUID",
]);

/** `ContainerSpec` cannot say privileged, host binds or devices at all; the rest is checked here. */
export function mayCreate(spec: ContainerSpec, fleet: string): Verdict {
  const touch = mayTouch(spec.name, spec.labels, fleet, "change");
  if (touch !== null) return touch;
  const named = mayName(spec.name, fleet);
  if (named !== null) return named;
  const isEdge = spec.labels[LABEL.edge] !== undefined;
  if (!isEdge) {
    if (spec.network === "host" || spec.network.startsWith("container:")) {
      return `Gateway ${spec.name} may not live in another network namespace (${spec.network}).`;
    }
    if (spec.capabilities.length > 0) {
      return `Gateway ${spec.name} gets no capabilities (${spec.capabilities.join(", ")}).`;
    }
    if (spec.user === null || /^(0|root)(:|$)/.test(spec.user)) {
      return `Gateway ${spec.name} may not run as root.`;
    }
  }
  const extra = spec.capabilities.filter((capability) => !EDGE_CAPABILITIES.has(capability));
  if (extra.length > 0) return `Edge ${spec.name} needs no capability ${extra.join(", ")}.`;
  if (spec.publish !== null && /^(0\.0\.0\.0|::|)$/.test(spec.publish.host)) {
    return `Container ${spec.name} publishes on one address of the host, not on all.`;
  }
  return null;
}
