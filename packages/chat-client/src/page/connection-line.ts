import type { ChatClient, Connection } from "../chat-client.ts";
import { byId } from "./element.ts";

const TONES = {
  idle: "quiet",
  connecting: "quiet",
  open: "good",
  waiting: "careful",
  refused: "bad",
  stopped: "quiet",
} as const satisfies Record<Connection["kind"], string>;

/** Says how the connection is, counting down to the next try. */
export function showConnection(client: ChatClient): void {
  const { connection } = client;
  byId("connection").dataset["tone"] = TONES[connection.kind];
  const word = byId("connection-word");
  const text = wordOf(connection);
  // Said once to who listens, not with every frame.
  if (word.textContent !== text) word.textContent = text;
  byId("retry").hidden = connection.kind !== "waiting" || secondsTo(connection.retryAtMs) < 1;
}

function wordOf(connection: Connection): string {
  switch (connection.kind) {
    case "idle":
    case "connecting":
      return "Connecting";
    case "open":
      return "Connected";
    case "waiting": {
      const seconds = secondsTo(connection.retryAtMs);
      return seconds < 1 ? "Reconnecting" : `Reconnecting in ${seconds} s`;
    }
    case "refused":
      return "Refused";
    case "stopped":
      return "Left";
  }
}

function secondsTo(atMs: number): number {
  return Math.ceil((atMs - performance.now()) / 1_000 - 0.2);
}
