import { createHash, createHmac } from "node:crypto";
import type { GatewaySpec } from "@chela/shared/agent-link/schema";

/** The token of a gateway's admin port: derived from this host's secret, so that nothing more needs keeping. */
export function adminToken(hostSecret: string, gateway: string): string {
  return createHmac("sha256", hostSecret).update(`gateway-admin:${gateway}`).digest("hex");
}

/** Of the configuration and secrets that a container was created with; the same on every host. */
export function configHash(spec: Pick<GatewaySpec, "config" | "secrets">): string {
  const secrets = Object.entries(spec.secrets).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([spec.config, secrets]))
    .digest("hex");
}
