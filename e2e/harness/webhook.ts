import { createHmac } from "node:crypto";

/** A generic-channel webhook, signed as Standard Webhooks say: `v1,` base64 HMAC-SHA256(`id.timestamp.body`). */
export interface SignedWebhook {
  headers: Record<string, string>;
  body: string;
}

export function signWebhook(
  secret: string,
  id: string,
  event: { session: string; text: string },
  timestampSeconds = Math.floor(Date.now() / 1000),
): SignedWebhook {
  const body = JSON.stringify(event);
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key)
    .update(`${id}.${timestampSeconds}.${body}`)
    .digest("base64");
  return {
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestampSeconds),
      "webhook-signature": `v1,${signature}`,
    },
    body,
  };
}
