import { type LinkAnswer, linkAnswerSchema } from "@chela/shared/agent-link/commands";
import type { Hello } from "@chela/shared/agent-link/schema";
import { WebSocket } from "ws";

const CONNECT_TIMEOUT_MS = 5_000;
/** A configuration with certificates, or a page of a gateway's log, is far below this. */
const FRAME_BYTES_MAX = 16 * 1024 * 1024;

export type Dialled =
  | { ok: true; socket: WebSocket; localAddress: string | null }
  | { ok: false; reason: "unreachable"; message: string }
  | { ok: false; reason: "refused"; code: string; message: string };

/**
 * One attempt: connect, say hello, wait for the console's answer. `welcomed` is called in the same turn in which
 * the answer arrives, so that no frame after it is missed.
 */
export function dial(
  url: URL,
  hello: Hello,
  signal: AbortSignal,
  welcomed: (socket: WebSocket) => void,
): Promise<Dialled> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, {
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      maxPayload: FRAME_BYTES_MAX,
      perMessageDeflate: false,
    });
    let localAddress: string | null = null;
    const settle = (outcome: Dialled) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      socket.off("message", answered);
      if (!outcome.ok) socket.terminate();
      resolve(outcome);
    };
    const unreachable = (message: string) => settle({ ok: false, reason: "unreachable", message });
    const abort = () => unreachable("The agent is stopping.");
    const answered = (data: unknown) => {
      const answer = parse(String(data));
      if (answer === null) return unreachable(`${url} does not answer like a Chela console.`);
      if (answer.type === "refused") {
        return settle({ ok: false, reason: "refused", code: answer.code, message: answer.message });
      }
      settle({ ok: true, socket, localAddress });
      welcomed(socket);
    };
    const timer = setTimeout(
      () => unreachable(`${url.host} did not answer within ${CONNECT_TIMEOUT_MS / 1_000} s.`),
      CONNECT_TIMEOUT_MS,
    );
    signal.addEventListener("abort", abort, { once: true });
    socket.on("upgrade", (response) => {
      localAddress = response.socket.localAddress ?? null;
    });
    socket.once("open", () => socket.send(JSON.stringify(hello)));
    socket.on("message", answered);
    // Stays for the socket's life: without a listener an error would end the process.
    socket.on("error", (error) => unreachable(`${url.host}: ${error.message}`));
    socket.once("close", () => unreachable(`${url.host} closed the connection.`));
  });
}

function parse(text: string): LinkAnswer | null {
  try {
    return linkAnswerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
