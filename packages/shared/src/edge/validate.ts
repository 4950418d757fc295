import type { EdgeInput, EdgeUpstream } from "./schema.ts";

/**
 * Why this input makes no sound edge; one sentence each, empty when sound. Names and addresses end up in
 * nginx's configuration as they are, so anything that nginx could read as syntax is refused here.
 */
export function edgeFaults(input: EdgeInput): string[] {
  const faults: string[] = [];
  const ports = [input.port, ...(input.tls === null ? [] : [input.tls.port])];
  for (const port of ports) {
    if (!isPort(port)) faults.push(`Port ${port} is not between 1 and 65535.`);
  }
  if (new Set(ports).size < ports.length) {
    faults.push(`HTTP and TLS cannot both listen on port ${input.port}: give TLS another one.`);
  }
  const seen = new Set<string>();
  for (const upstream of input.upstreams) {
    faults.push(...upstreamFaults(upstream));
    if (seen.has(upstream.gateway)) faults.push(`Gateway ${upstream.gateway} is listed twice.`);
    seen.add(upstream.gateway);
  }
  return faults;
}

/** What changes silently because of other settings; sentences for a preview. */
export function edgeNotes(input: EdgeInput): string[] {
  const notes: string[] = [];
  const backups = input.upstreams.filter((u) => u.backup).map((u) => u.gateway);
  if (backups.length === 0) return notes;
  if (input.affinity === "address") {
    notes.push(
      `nginx refuses backup together with affinity: ${backups.join(", ")} will be ordinary servers.`,
    );
  } else if (backups.length === input.upstreams.length) {
    notes.push("Every gateway is marked backup: nginx needs an ordinary one, so all will be.");
  }
  return notes;
}

function upstreamFaults(upstream: EdgeUpstream): string[] {
  const faults: string[] = [];
  const { gateway, address, port, secondPort, weight } = upstream;
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/.test(gateway)) {
    faults.push(`"${gateway}" is not a gateway's name: letters, digits and - only.`);
  }
  // Addresses only: nginx looks a name up once, when it loads its configuration.
  if (!/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9A-Fa-f:.]+\])$/.test(address)) {
    faults.push(`${gateway}: "${address}" is not an IP address.`);
  }
  // Docker's proxy on loopback accepts for a live container whose listener is closed, then cuts the connection.
  if (/^127\./.test(address) || address === "[::1]") {
    faults.push(`${gateway}: ${address} is loopback; use the host's own address.`);
  }
  if (!isPort(port)) faults.push(`${gateway}: port ${port} is not between 1 and 65535.`);
  if (secondPort !== null && !isPort(secondPort)) {
    faults.push(`${gateway}: port ${secondPort} is not between 1 and 65535.`);
  }
  if (secondPort === port) faults.push(`${gateway}: its two ports are both ${port}.`);
  if (!Number.isInteger(weight) || weight < 1 || weight > 1_000) {
    faults.push(`${gateway}: weight ${weight} is not between 1 and 1000.`);
  }
  return faults;
}

const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65_535;
