import type { SessionMessage } from "@chela/shared/fleet/view";

/** Pure: messages with the hand-overs between them. */
export type TranscriptRow =
  | { kind: "message"; message: SessionMessage }
  | { kind: "handover"; from: string; to: string; epoch: number; at: string };

/** A new epoch means that the session's shard was acquired anew, by another gateway or by the same after a restart. */
export function transcriptRows(messages: readonly SessionMessage[]): TranscriptRow[] {
  const rows: TranscriptRow[] = [];
  let last: SessionMessage | undefined;
  for (const message of messages) {
    if (last && (last.gateway !== message.gateway || last.epoch !== message.epoch)) {
      rows.push({
        kind: "handover",
        from: last.gateway,
        to: message.gateway,
        epoch: message.epoch,
        at: message.at,
      });
    }
    rows.push({ kind: "message", message });
    last = message;
  }
  return rows;
}

/** Who wrote to whom is personal: only as much as tells two apart. */
export function masked(peer: string): string {
  if (peer.length <= 4) return peer;
  return `${peer.slice(0, 2)}${"•".repeat(Math.min(6, peer.length - 3))}${peer.slice(-1)}`;
}

/** `generic:alice` → its channel and its peer. */
export function splitSession(session: string): { channel: string; peer: string } {
  const at = session.indexOf(":");
  return at < 0
    ? { channel: "", peer: session }
    : { channel: session.slice(0, at), peer: session.slice(at + 1) };
}
