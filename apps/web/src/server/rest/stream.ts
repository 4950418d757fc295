import type { ServerResponse } from "node:http";
import { isTrackedEnvelope } from "@trpc/server";

const PING_EVERY_MS = 2_000;

/**
 * A subscription as server-sent events: `id` for coming back with `Last-Event-ID`, `data` as JSON. What fails before
 * the first event, or within the first ping's time, is thrown and can still be answered with a status.
 */
export async function sendStream(
  response: ServerResponse,
  events: AsyncIterable<unknown>,
  gone: AbortSignal,
): Promise<void> {
  const open = () => {
    if (response.headersSent) return;
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      // Proxies that collect answers would hold events back.
      "x-accel-buffering": "no",
    });
  };
  const ping = setInterval(() => {
    open();
    response.write(": ping\n\n");
  }, PING_EVERY_MS);
  try {
    for await (const event of events) {
      if (gone.aborted) return;
      open();
      const [id, data] = isTrackedEnvelope(event) ? event : [null, event];
      const head = id === null ? "" : `id: ${id}\n`;
      if (!response.write(`${head}data: ${JSON.stringify(data)}\n\n`)) await drained(response);
    }
    open();
    response.end();
  } finally {
    clearInterval(ping);
  }
}

/** A reader that is slower than the events is waited for, not buffered for. */
const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    response.once("drain", resolve);
    response.once("close", resolve);
  });
