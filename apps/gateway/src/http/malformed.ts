import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { ERRORS, type ErrorCode, errorBody } from "@chela/shared/errors/errors";

/**
 * Answers what Node's parser gave up: the JSON error where no answer is under way, then the connection ends.
 * `last`: the answer to the last whole or half request on this connection.
 */
export function answerMalformed(
  error: NodeJS.ErrnoException,
  socket: Socket,
  last: ServerResponse | undefined,
  lingerMs: number,
): void {
  // Gone; or told already, and this is the rest of it.
  if (!socket.writable) return;
  if (last !== undefined && !last.writableFinished) {
    // In the middle of an answer, another one would be taken for its end.
    if (last.headersSent && !last.req.complete) {
      socket.destroy();
      return;
    }
    // Rubbish behind a whole request: that one gets its answer first.
    if (last.req.complete) {
      socket.pause();
      last.once("finish", () => socket.destroySoon());
      return;
    }
  } else if (last !== undefined && !last.req.complete) {
    // Its request was answered before its end, and the end never came.
    socket.destroy();
    return;
  }
  const code = codeOf(error);
  const { status } = ERRORS[code];
  const body = JSON.stringify(errorBody({ code }));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  setTimeout(() => socket.destroy(), lingerMs).unref();
}

function codeOf({ code }: NodeJS.ErrnoException): ErrorCode {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return "headers-too-large";
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return "body-too-large";
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return "request-late";
    default:
      return "request-malformed";
  }
}
