import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { Webhook } from "standardwebhooks";

/** Requests as the vendors sign them. */
export interface SignedRequest {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export const SECRETS = {
  generic: `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`,
  telegram: "telegram-secret-token",
  whatsapp: "whatsapp-app-secret",
  verifyToken: "whatsapp-verify-token",
  slack: "slack-signing-secret",
};
const discordKeys = generateKeyPairSync("ed25519");
/** As the developer portal shows it. */
export const DISCORD_PUBLIC_KEY = Buffer.from(
  discordKeys.publicKey.export({ format: "jwk" }).x ?? "",
  "base64url",
).toString("hex");

const json = { "content-type": "application/json" };
const seconds = (atMs: number) => String(Math.floor(atMs / 1_000));
const textOf = (body: object | string) => (typeof body === "string" ? body : JSON.stringify(body));

export function genericRequest(
  id: string,
  given: object | string,
  atMs = Date.now(),
): SignedRequest {
  const body = textOf(given);
  const signature = new Webhook(SECRETS.generic).sign(id, new Date(atMs), body);
  const headers = {
    ...json,
    "webhook-id": id,
    "webhook-timestamp": seconds(atMs),
    "webhook-signature": signature,
  };
  return { path: "/webhooks/generic", headers, body };
}

export function telegramRequest(given: object | string): SignedRequest {
  const headers = { ...json, "x-telegram-bot-api-secret-token": SECRETS.telegram };
  return { path: "/webhooks/telegram", headers, body: textOf(given) };
}

export function whatsappRequest(given: object | string): SignedRequest {
  const body = textOf(given);
  const hex = createHmac("sha256", SECRETS.whatsapp).update(body).digest("hex");
  const headers = { ...json, "x-hub-signature-256": `sha256=${hex}` };
  return { path: "/webhooks/whatsapp", headers, body };
}

export function slackRequest(given: object | string, atMs = Date.now()): SignedRequest {
  const body = textOf(given);
  const timestamp = seconds(atMs);
  const hmac = createHmac("sha256", SECRETS.slack).update(`v0:${timestamp}:${body}`);
  const headers = {
    ...json,
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${hmac.digest("hex")}`,
  };
  return { path: "/webhooks/slack", headers, body };
}

export function discordRequest(given: object | string, atMs = Date.now()): SignedRequest {
  const body = textOf(given);
  const timestamp = seconds(atMs);
  const signature = sign(null, Buffer.from(timestamp + body), discordKeys.privateKey);
  const headers = {
    ...json,
    "x-signature-timestamp": timestamp,
    "x-signature-ed25519": signature.toString("hex"),
  };
  return { path: "/webhooks/discord", headers, body };
}
