import type { WebSocket } from "ws";

const PING_EVERY_MS = 1_500;
/** Silence after which the connection counts as dead: a cut cable sends no FIN. */
const SILENCE_MAX_MS = 4_500;

/** Pings, and ends a socket from which nothing came for too long. The other side's pings are answered by `ws`. */
export function keepAlive(socket: WebSocket, monotonicMs: () => number): void {
  let heardMs = monotonicMs();
  const heard = () => {
    heardMs = monotonicMs();
  };
  socket.on("message", heard).on("ping", heard).on("pong", heard);
  const timer = setInterval(() => {
    if (monotonicMs() - heardMs > SILENCE_MAX_MS) socket.terminate();
    else socket.ping();
  }, PING_EVERY_MS);
  socket.once("close", () => clearInterval(timer));
}
