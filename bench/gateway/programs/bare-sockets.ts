import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/**
 * The baseline of open sockets: the same library, no compression, nothing else. Sends to all in one unsliced loop
 * when the parent process says how many bytes.
 */
const server = createServer((_request, response) => response.end("ok"));
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
server.listen(0, "127.0.0.1", () =>
  process.send!({ port: (server.address() as AddressInfo).port }),
);
process.on("message", (bytes: number) => {
  const text = "x".repeat(bytes);
  for (const socket of sockets.clients) socket.send(text);
});
process.on("disconnect", () => process.exit(0));
