import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

const PARTNER_WITHIN_MS = 60_000;

interface Waiting {
  offer?: { request: IncomingMessage; response: ServerResponse };
  take?: { response: ServerResponse };
  timer: NodeJS.Timeout;
}

/**
 * Images on their way from one host to another: one agent's PUT is piped into the other one's GET, so that nothing
 * is stored here and the slower side sets the pace. An id is made for one transfer and is its own permission.
 */
export class Transfers {
  readonly #waiting = new Map<string, Waiting>();

  /** Opens `id` for one sender and one receiver. */
  open(id: string): void {
    this.#waiting.set(id, {
      timer: setTimeout(() => this.close(id), PARTNER_WITHIN_MS),
    });
  }

  /** Ends what still waits; a transfer that runs already goes on. */
  close(id: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    for (const response of [waiting.offer?.response, waiting.take?.response]) {
      if (response !== undefined && !response.headersSent) response.writeHead(504).end();
    }
  }

  handle(id: string, request: IncomingMessage, response: ServerResponse): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (request.method === "PUT" && waiting.offer === undefined) {
      waiting.offer = { request, response };
    } else if (request.method === "GET" && waiting.take === undefined) {
      waiting.take = { response };
    } else {
      response.writeHead(409).end();
      return;
    }
    if (waiting.offer && waiting.take) void this.#pipe(id, waiting.offer, waiting.take);
  }

  async #pipe(
    id: string,
    offer: NonNullable<Waiting["offer"]>,
    take: NonNullable<Waiting["take"]>,
  ): Promise<void> {
    clearTimeout(this.#waiting.get(id)?.timer);
    this.#waiting.delete(id);
    take.response.writeHead(200, { "content-type": "application/x-tar" });
    try {
      await pipeline(offer.request, take.response);
      offer.response.writeHead(204).end();
    } catch {
      // Both ends notice by themselves: the sender by this answer, the receiver by the broken body.
      take.response.destroy();
      if (!offer.response.headersSent) offer.response.writeHead(502).end();
    }
  }
}
