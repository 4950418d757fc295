import { createServer } from "node:http";
import next from "next";
import type { Handler, UpgradeHandler } from "./http-server.ts";

export interface Pages {
  handle: Handler;
  /** Of the page compiler, in development only. */
  upgrade: UpgradeHandler | null;
}

/** The Next.js application behind this server. */
export async function openPages(options: {
  dir: string;
  dev: boolean;
  hostname: string;
  port: number;
}): Promise<Pages> {
  // Next would listen for upgrades on the server it sees, and get the agents' too: it sees one that never listens.
  const app = next({ ...options, httpServer: createServer() });
  await app.prepare();
  const handle = app.getRequestHandler();
  const upgrade = app.getUpgradeHandler();
  return {
    handle: (request, response) => handle(request, response),
    upgrade: options.dev ? (request, socket, head) => void upgrade(request, socket, head) : null,
  };
}
