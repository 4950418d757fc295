import type { IncomingMessage } from "node:http";
import type { Refusal } from "@chela/shared/errors/errors";

/**
 * A request's path as routes are written, without the query: nothing behind reads that from here, so no log can
 * hold it. Nothing is decoded or normalised: `//webhooks/x` and `/webhooks/%67eneric` are other paths.
 */
export function pathOf(url: string | undefined): string {
  if (url === undefined) return "/";
  // What a proxy is sent: `http://host/path`.
  const origin = url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?#]*/i, "");
  const end = origin.search(/[?#]/);
  const path = end < 0 ? origin : origin.slice(0, end);
  return path === "" ? "/" : path;
}

/** Why a request is not taken, whatever its path; null: it may come in. */
export function refusalAtDoor({ headers, httpVersion }: IncomingMessage): Refusal | null {
  if (headers.host === undefined && httpVersion === "1.1") {
    return { code: "request-malformed", detail: "The Host header is missing." };
  }
  // Never unpacked: a kilobyte could become a gigabyte, and signatures are over what was sent.
  const content = headers["content-encoding"];
  if (content !== undefined && content.toLowerCase() !== "identity") {
    return { code: "encoding-unsupported" };
  }
  const transfer = headers["transfer-encoding"];
  if (transfer !== undefined && transfer.toLowerCase() !== "chunked") {
    return { code: "encoding-unsupported" };
  }
  return null;
}
