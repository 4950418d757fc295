import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly messages: { role: string; content: unknown }[];
    readonly [name: string]: unknown;
  } | null;
}

type Behaviour = (response: ServerResponse, asked: Asked) => void | Promise<void>;

/** A server that speaks OpenAI's API over real HTTP, well or badly, as each test wants it. */
export class FakeEndpoint {
  readonly asked: Asked[] = [];
  /** How `/chat/completions` is answered; set by the test. */
  chat: Behaviour = (response) => streamed(response, ["hello"]);
  models: Behaviour = (response) => void response.writeHead(200).end('{"object":"list","data":[]}');
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = request.url!;
    const asked = { url, headers: request.headers, body: text === "" ? null : JSON.parse(text) };
    this.asked.push(asked);
    await (url.endsWith("/models") ? this.models : this.chat)(response, asked);
  });

  /** `port`: where it listened before. */
  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  /** Cuts every connection and listens no more. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

export function begin(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
}

export function say(response: ServerResponse, text: string): void {
  chunk(response, { choices: [{ index: 0, delta: { content: text }, finish_reason: null }] });
}

export function chunk(response: ServerResponse, data: object): void {
  response.write(`data: ${JSON.stringify(data)}\n\n`);
}

export function end(response: ServerResponse, finish = "stop", usage?: object): void {
  chunk(response, { choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  if (usage !== undefined) chunk(response, { choices: [], usage });
  response.end("data: [DONE]\n\n");
}

export function streamed(response: ServerResponse, pieces: readonly string[]): void {
  begin(response);
  for (const piece of pieces) say(response, piece);
  end(response);
}
