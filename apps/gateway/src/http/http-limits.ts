/** What one connection may take of time and memory, and how many there may be. Milliseconds and bytes. */
export interface HttpLimits {
  /** From a connection's (or the next request's) first moment to the end of its headers. */
  readonly headersMs: number;
  /** The same to the end of its body. */
  readonly requestMs: number;
  /** A connection on which nothing moves, in either direction, while an answer is due. */
  readonly silentMs: number;
  /** A connection between two requests. */
  readonly keepAliveMs: number;
  /** How often the first two are looked at; each may be overrun by so much. */
  readonly checkEveryMs: number;
  /** Request line and headers together. */
  readonly headerBytesMax: number;
  /** Beyond it new connections are closed at once. */
  readonly connectionsMax: number;
  /** After an answer to something that is no request: so long the rest is read away, so that the answer arrives. */
  readonly lingerMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  // The edge gives its clients the same.
  headersMs: 10_000,
  requestMs: 30_000,
  // Longer than the edge waits for the slowest turn (10 min).
  silentMs: 11 * 60_000,
  // Longer than the edge keeps its idle connections (60 s), so that the edge ends them and never meets a closed one.
  keepAliveMs: 75_000,
  checkEveryMs: 1_000,
  headerBytesMax: 16_384,
  // Idle or half-sent they take below 32 KB each (there is a test), so 640 MB at worst; sockets are within this.
  connectionsMax: 20_000,
  lingerMs: 1_000,
};
