import type { ChatError } from "./conversation.ts";

/** What the client needs of a WebSocket; the global one of browsers and Node has it. */
export interface ChatSocket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** Everything the client takes from the world around it. */
export interface Surroundings {
  connect(url: string): ChatSocket;
  /** Why a gateway refuses to connect, asked over HTTP since a WebSocket does not tell; null: it does not, or cannot be asked. */
  explain(url: string): Promise<ChatError | null>;
  nowMs(): number;
  /** Runs it once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
  /** From 0 to 1. */
  random(): number;
  newId(): string;
}

/** Browsers, and Node from 22 on. */
export const browserSurroundings: Surroundings = {
  connect: (url) => new WebSocket(url) as ChatSocket,
  async explain(url) {
    try {
      const response = await fetch(url.replace(/^ws/, "http"), { cache: "no-store" });
      const { error } = (await response.json()) as { error?: ChatError };
      return error?.code === undefined ? null : { code: error.code, message: error.message };
    } catch {
      return null;
    }
  },
  nowMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  newId: () => crypto.randomUUID(),
};
