import { connect, createServer, type Socket } from "node:net";
import type { TcpProbe } from "@chela/shared/agent-link/commands";

const PROBE_TIMEOUT_MS = 3_000;

/** Whether this host could publish that port now. Asked of the kernel, by listening for a moment. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether something listens there, as seen from this host; the error says why not. */
export function probeTcp(host: string, port: number): Promise<TcpProbe> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    const socket: Socket = connect({ host, port });
    const settle = (error: string | null) => {
      socket.destroy();
      resolve({ ok: error === null, error, ms: performance.now() - startMs });
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () =>
      settle(`${host}:${port} did not answer within ${PROBE_TIMEOUT_MS / 1_000} s.`),
    );
    socket.once("connect", () => settle(null));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      settle(`${host}:${port} is not reachable from this host (${error.code ?? error.message}).`),
    );
  });
}
