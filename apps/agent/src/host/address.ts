import { isIPv4 } from "node:net";

/**
 * The address under which this host's published ports are reached, by edges here and elsewhere. Pure. Never
 * loopback: there Docker's own proxy accepts for a gateway that does not listen.
 */
export function chooseAddress(facts: {
  /** CHELA_ADDRESS. */
  readonly configured: string | null;
  /** Host part of the link's URL. */
  readonly consoleHost: string;
  /** Own end of the link; null while it is down. */
  readonly linkAddress: string | null;
  /** This host on the fleet's Docker network, or else on Docker's own bridge. */
  readonly bridgeAddress: string | null;
  /** This host's own addresses. */
  readonly interfaces: readonly string[];
}): string | null {
  if (facts.configured !== null) return facts.configured;
  const link = facts.linkAddress?.replace(/^::ffff:/, "") ?? null;
  // A console on this very machine: one host, whose containers all see the bridge.
  if (isLoopback(facts.consoleHost) || (link !== null && isLoopback(link))) {
    if (facts.bridgeAddress !== null) return facts.bridgeAddress;
  } else if (link !== null) return link;
  const own = facts.interfaces.filter((address) => isIPv4(address) && !isLoopback(address));
  return own[0] ?? facts.bridgeAddress;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || host.startsWith("127.");
}
