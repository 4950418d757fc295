import { connect, type Socket } from "node:net";

/** A client that sends whatever bytes it is told to and keeps all that comes back. */
export class RawClient {
  readonly socket: Socket;
  /** The other side ended or cut the connection. */
  readonly closed: Promise<void>;
  received = "";
  isClosed = false;

  constructor(port: number, options: { reads?: boolean } = {}) {
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.socket.on("error", () => {});
    if (options.reads === false) this.socket.pause();
    else {
      this.socket.on("data", (chunk) => {
        this.received += chunk.toString("latin1");
      });
    }
    this.closed = new Promise((resolve) =>
      this.socket.once("close", () => {
        this.isClosed = true;
        resolve();
      }),
    );
  }

  send(text: string | Buffer): this {
    this.socket.write(text);
    return this;
  }

  /** Sends a text byte by byte until it is through or the connection is closed. */
  async dribble(text: string, everyMs: number): Promise<void> {
    for (const character of text) {
      if (this.isClosed) return;
      this.socket.write(character);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  end(): void {
    this.socket.destroy();
  }

  /** Status lines of all answers so far; 100 Continue too. */
  statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
  }

  /** Codes of all refusals so far. */
  codes(): string[] {
    return [...this.received.matchAll(/"error":\{"code":"([^"]+)"/g)].map((match) => match[1]!);
  }
}
