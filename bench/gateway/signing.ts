import { createHmac, type KeyObject } from "node:crypto";

/** Standard Webhooks: base64 HMAC-SHA256 over `id.timestamp.body`. The bare loop checks what the load signs. */
export function signature(key: KeyObject, id: string, timestamp: string, body: Buffer): string {
  return createHmac("sha256", key)
    .update(`${id}.${timestamp}.`, "latin1")
    .update(body)
    .digest("base64");
}

/** Exactly 1 KiB, as `sessions` different users. */
export function bodiesOf(sessions: number): Buffer[] {
  return Array.from({ length: sessions }, (_, n) => {
    const frame = JSON.stringify({ session: `s${n}`, text: "" });
    return Buffer.from(
      JSON.stringify({ session: `s${n}`, text: "x".repeat(1_024 - frame.length) }),
    );
  });
}
