/** A gateway that goes tells its sockets within so long; shorter than it may take to leave (drain/). */
export const FAREWELL_MS = 15_000;
/** Few sockets go quickly, and many not all at once: those who are told connect to another gateway right away. */
const EVERY_MS = 2;

/** How many of `sockets` are to be told to reconnect, so long after the first: evenly, all by the end of the window. */
export function toldBy(sockets: number, elapsedMs: number, windowMs = FAREWELL_MS): number {
  if (elapsedMs >= windowMs) return sockets;
  const everyMs = Math.min(EVERY_MS, windowMs / sockets);
  return Math.min(sockets, Math.floor(elapsedMs / everyMs) + 1);
}
