import type { WebSocket as Accepted } from "ws";

const CLOSE_GRACE_MS = 1_000;

/**
 * Makes an accepted socket look like a `WebSocket` class that tRPC's client may construct, once.
 * The agent dialled; over the same connection the console is the client.
 */
export function websocketClassOver(socket: Accepted): typeof WebSocket {
  let taken = false;

  class AcceptedWebSocket extends EventTarget {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    binaryType = "arraybuffer";
    #opened = false;

    constructor() {
      super();
      if (taken) throw new Error("An accepted socket cannot be dialled again: the agent has to.");
      taken = true;
      socket.on("message", (data, binary) => {
        if (!binary) this.dispatchEvent(new MessageEvent("message", { data: String(data) }));
      });
      socket.on("close", (code, reason) => {
        this.dispatchEvent(
          Object.assign(new Event("close"), { code, reason: String(reason), wasClean: true }),
        );
      });
      socket.on("error", () => this.dispatchEvent(new Event("error")));
      // Not from a microtask: tRPC attaches its listeners after the constructor's turn and would miss it for good.
      setImmediate(() => {
        this.#opened = true;
        this.dispatchEvent(new Event("open"));
      });
    }

    get readyState(): number {
      return this.#opened || socket.readyState !== socket.OPEN
        ? socket.readyState
        : AcceptedWebSocket.CONNECTING;
    }

    send(data: string): void {
      socket.send(data);
    }

    close(): void {
      socket.close();
      // A peer that is cut off never answers the closing handshake.
      setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
    }
  }
  return AcceptedWebSocket as unknown as typeof WebSocket;
}
