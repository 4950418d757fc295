import { createHmac } from "node:crypto";

export interface SignedWebhook {
  headers: Record<string, string>;
  body: string;
}

/** A generic-channel webhook as a provider sends it. */
export function signWebhook(
  secret: string,
  id: string,
  event: { session: string; text: string },
  timestampSeconds = Math.floor(Date.now() / 1000),
): SignedWebhook {
  return signBody(secret, id, JSON.stringify(event), timestampSeconds);
}

/** Any body, signed as Standard Webhooks say: `v1,` base64 HMAC-SHA256(`id.timestamp.body`). */
export function signBody(
  secret: string,
  id: string,
  body: string,
  timestampSeconds = Math.floor(Date.now() / 1000),
): SignedWebhook {
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
