import type { IncomingMessage, ServerResponse } from "node:http";
import { BodyBuffer } from "./body-buffer.ts";
import { BodyMemory } from "./body-memory.ts";

/** A body that is refused is read on for so long, since an answer given too early is lost on the way. */
const DISCARD_BYTES_MAX = 16 * 1_048_576;
const DISCARD_MS_MAX = 2_000;

/** One for the process: its memory is what ten thousand large bodies would use up. */
const BODIES = new BodyMemory(64 * 1_048_576, 16 * 1_024);

export type Body =
  | { readonly ok: true; readonly bytes: Buffer }
  /** `too-busy`: other large bodies take all the memory there is for them; sent again it may find room. */
  | { readonly ok: false; readonly why: "too-large" | "too-busy" | "broken-off" };

/** Reads a body of at most `bytesMax`, with or without a declared length. Never throws. */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  bytesMax: number,
  memory: BodyMemory = BODIES,
): Promise<Body> {
  // A client that asks first is told to send only now.
  if (/100-continue/i.test(request.headers.expect ?? "")) response.writeContinue();
  return new Promise((resolve) => {
    const declared = Number(request.headers["content-length"] ?? bytesMax);
    const kept = new BodyBuffer(memory, Math.min(declared, bytesMax));
    let seen = 0;
    let refused: "too-large" | "too-busy" | null = null;
    let timer: NodeJS.Timeout | undefined;

    // May be called again, by what comes after the first end: that changes nothing any more.
    const end = (body: Body) => {
      clearTimeout(timer);
      kept.drop();
      resolve(body);
    };
    const whole = () =>
      end(refused === null ? { ok: true, bytes: kept.whole() } : { ok: false, why: refused });
    const broken = () => end({ ok: false, why: "broken-off" });
    const take = (piece: Buffer) => {
      seen += piece.length;
      if (refused === null) {
        const why = seen > bytesMax ? "too-large" : "too-busy";
        if (why === "too-busy" && kept.add(piece)) return;
        refused = why;
        kept.drop();
        timer = setTimeout(() => end({ ok: false, why }), DISCARD_MS_MAX);
      }
      if (seen > DISCARD_BYTES_MAX) end({ ok: false, why: refused });
    };
    request.on("data", take).on("end", whole).on("error", broken).on("close", broken);
  });
}
