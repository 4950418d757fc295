import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { stripTypes } from "./strip-types.ts";

/** What the page consists of, beside its scripts. */
const STATIC: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  "/chat": { file: "page.html", type: "text/html; charset=utf-8" },
  "/chat/page.css": { file: "page.css", type: "text/css; charset=utf-8" },
  "/chat/icon.svg": { file: "icon.svg", type: "image/svg+xml" },
  "/chat/geist.woff2": { file: "geist.woff2", type: "font/woff2" },
};

/** Files of packages/chat-client, served under their own names: so they find each other. */
const SCRIPTS = [
  "page/page",
  "page/address",
  "page/connection-line",
  "page/element",
  "page/login",
  "page/thread",
  "backoff",
  "chat-client",
  "conversation",
  "event-id",
  "surroundings",
];

interface ChatFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

/** By path. */
export type ChatFiles = ReadonlyMap<string, ChatFile>;

/** Reads the chat page and makes its scripts ready for browsers, once. */
export async function readChatFiles(): Promise<ChatFiles> {
  const files = new Map<string, ChatFile>();
  for (const [path, { file, type }] of Object.entries(STATIC)) {
    files.set(path, fileOf(type, await readFile(new URL(`./page/${file}`, import.meta.url))));
  }
  const sources = await Promise.all(
    SCRIPTS.map((name) =>
      readFile(new URL(import.meta.resolve(`@chela/chat-client/${name}`)), "utf8"),
    ),
  );
  const scripts = await stripTypes(sources);
  for (const [index, name] of SCRIPTS.entries()) {
    const script = Buffer.from(scripts[index]!);
    files.set(`/chat/script/${name}.ts`, fileOf("text/javascript; charset=utf-8", script));
  }
  return files;
}

function fileOf(type: string, bytes: Buffer): ChatFile {
  const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  return { type, bytes, etag };
}
