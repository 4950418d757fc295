import type { IncomingMessage, ServerResponse } from "node:http";

/** A body that is too large is read on for so long, since an answer given too early is lost on the way. */
const DISCARD_BYTES_MAX = 16 * 1_048_576;
const DISCARD_MS_MAX = 2_000;

export type Body =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly why: "too-large" | "broken-off" };

/** Reads a body of at most `bytesMax`, with or without a declared length. Never throws. */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  bytesMax: number,
): Promise<Body> {
  // A client that asks first (`Expect: 100-continue`) is told to send only now.
  if (request.headers.expect !== undefined) response.writeContinue();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let timer: NodeJS.Timeout | undefined;

    const end = (body: Body) => {
      clearTimeout(timer);
      request.off("data", take).off("end", whole).off("error", broken).off("close", broken);
      resolve(body);
    };
    const whole = () => {
      if (length > bytesMax) end({ ok: false, why: "too-large" });
      else end({ ok: true, bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
    };
    const broken = () => end({ ok: false, why: "broken-off" });
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      timer ??= setTimeout(() => end({ ok: false, why: "too-large" }), DISCARD_MS_MAX);
      if (length > DISCARD_BYTES_MAX) end({ ok: false, why: "too-large" });
    };
    request.on("data", take).on("end", whole).on("error", broken).on("close", broken);
  });
}
