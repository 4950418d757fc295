import { createHmac } from "node:crypto";

/** A generic webhook as a provider sends it: body and Standard Webhooks headers. */
export function signedWebhook(
  secret: string,
  event: { id: string; session: string; text: string },
  nowMs: number,
): { body: string; headers: Record<string, string> } {
  const body = JSON.stringify({ session: event.session, text: event.text });
  const timestamp = String(Math.floor(nowMs / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key)
    .update(`${event.id}.${timestamp}.${body}`)
    .digest("base64");
  return {
    body,
    headers: {
      "content-type": "application/json",
      "webhook-id": event.id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${signature}`,
    },
  };
}
