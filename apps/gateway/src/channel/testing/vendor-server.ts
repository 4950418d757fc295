import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A call that a vendor's API got. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** How it answers; `hang` never does, `cut` ends the connection instead. */
export type Reply =
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly delayMs?: number;
    }
  | "hang"
  | "cut";

/** A vendor's API as it looks from here: real HTTP on a port of this machine. */
export class VendorServer {
  readonly calls: Call[] = [];
  readonly #answer: (call: Call) => Reply;
  readonly #server = createServer((request, response) => {
    void this.#take(request).then((call) => {
      this.calls.push(call);
      const reply = this.#answer(call);
      if (reply === "hang") return;
      if (reply === "cut") return request.socket.destroy();
      const { status, body, headers = {}, delayMs = 0 } = reply;
      setTimeout(() => {
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(typeof body === "string" ? body : JSON.stringify(body ?? {}));
      }, delayMs);
    });
  });

  private constructor(answer: (call: Call) => Reply) {
    this.#answer = answer;
  }

  static async start(answer: (call: Call) => Reply): Promise<VendorServer> {
    const server = new VendorServer(answer);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage): Promise<Call> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: text === "" ? {} : JSON.parse(text),
    };
  }
}
