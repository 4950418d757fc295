import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { LinkAnswer } from "@chela/shared/agent-link/commands";
import { type Hello, helloSchema } from "@chela/shared/agent-link/schema";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import type { AgentLinks } from "./links.ts";

const HELLO_WITHIN_MS = 5_000;
const FRAME_BYTES_MAX = 16 * 1024 * 1024;

export interface DoorDeps {
  /** Of a fleet of this console, else undefined. */
  linksOf(fleet: string): AgentLinks | undefined;
  /** Of agents that do not say theirs: those of versions that knew one fleet only. */
  firstFleet: string;
  log: Logger;
}

/** Where agents of all fleets dial in: each says hello, and its fleet's own links decide about it. */
export class AgentDoor {
  readonly #deps: DoorDeps;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
  });

  constructor(deps: DoorDeps) {
    this.#deps = deps;
  }

  /** For the HTTP server's `upgrade`. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (websocket) => {
      websocket.on("error", () => websocket.terminate());
      const timer = setTimeout(() => websocket.terminate(), HELLO_WITHIN_MS);
      websocket.once("message", (data) => {
        clearTimeout(timer);
        void this.#show(websocket, parse(String(data)));
      });
    });
  }

  async #show(socket: WebSocket, hello: Hello | null): Promise<void> {
    if (hello === null) {
      refuse(
        socket,
        "bad-hello",
        "This console speaks link protocol 1: use an agent of its version.",
      );
      return;
    }
    const { linksOf, firstFleet, log } = this.#deps;
    const { host, fleet = firstFleet } = hello;
    // Which fleets there are is nobody's business who does not belong to one.
    if ((await linksOf(fleet)?.greet(socket, hello)) === true) return;
    log.warn({ fleet, host }, "an agent was refused: unknown fleet, unknown host or wrong secret");
    refuse(
      socket,
      "unknown-host",
      `${host} is not a host of the fleet ${fleet}, or its secret is not the one it was given: make a new join token.`,
    );
  }
}

function parse(text: string): Hello | null {
  try {
    return helloSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function refuse(socket: WebSocket, code: string, message: string): void {
  socket.send(JSON.stringify({ type: "refused", code, message } satisfies LinkAnswer));
  socket.close();
}
