import { connect, type Socket } from "node:net";

/** What the parent process may ask for; each is answered by one message. */
export type Ask =
  /** Opens sockets, `{n}` in the path being each one's number; answered once all are open. */
  | { readonly open: number; readonly port: number; readonly path: string; readonly token: string }
  /** Sends a text frame from the first socket; answered once every socket has received something after that. */
  | { readonly say: string }
  /** As `say`, but somebody else speaks. */
  | { readonly listen: true }
  | { readonly close: true };

/** Many WebSocket clients on plain sockets, which keep nothing but whether something came. */
const AT_ONCE = 200;
const TRIES_MAX = 50;
const sockets: Socket[] = [];
let silent = new Set<Socket>();
let heard = () => {};

async function answer(ask: Ask): Promise<void> {
  if ("open" in ask) {
    for (let from = 0; from < ask.open; from += AT_ONCE) {
      const numbers = Array.from(
        { length: Math.min(AT_ONCE, ask.open - from) },
        (_, n) => from + n,
      );
      sockets.push(...(await Promise.all(numbers.map((n) => openedAtLast(ask, n)))));
    }
  } else if ("close" in ask) {
    for (const socket of sockets.splice(0)) socket.destroy();
  } else {
    silent = new Set(sockets);
    const all = new Promise<void>((resolve) => {
      heard = resolve;
    });
    if ("say" in ask) sockets[0]!.write(frame(ask.say));
    process.send!("listening");
    await all;
  }
  process.send!("done");
}

/** On a machine that is busy with something else a gateway may refuse for a moment. */
async function openedAtLast(ask: Extract<Ask, { open: number }>, n: number): Promise<Socket> {
  for (let tries = 1; ; tries++) {
    try {
      return await opened(ask, n);
    } catch (error) {
      if (tries === TRIES_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function opened(ask: Extract<Ask, { open: number }>, n: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: ask.port, host: "127.0.0.1" });
    socket.write(
      `GET ${ask.path.replace("{n}", String(n))} HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\n` +
        `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
        `Authorization: Bearer ${ask.token}\r\n\r\n`,
    );
    socket.once("error", reject);
    socket.once("data", (first) => {
      if (!first.toString("latin1").startsWith("HTTP/1.1 101")) {
        return reject(new Error(first.toString("latin1").slice(0, 200)));
      }
      socket.on("data", () => {
        if (silent.delete(socket) && silent.size === 0) heard();
      });
      resolve(socket);
    });
  });
}

/** A masked text frame of less than 64 KiB; the mask is zero, which is one like any other. */
function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(8);
  head.writeUInt8(0x81, 0);
  head.writeUInt8(0x80 | 126, 1);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

process.on("message", (ask: Ask) => {
  answer(ask).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on("disconnect", () => process.exit(0));
process.send!("ready");
