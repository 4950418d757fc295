import { parseConfig } from "@chela/shared/config/parse";
import { expect, test } from "vitest";
import { channelsSchema } from "./channel-settings.ts";
import { channelBlocks } from "./testing/channels.ts";
import { DISCORD_PUBLIC_KEY } from "./testing/vendor-requests.ts";

const SECRETS = {
  WHATSAPP_APP_SECRET: "app-secret",
  WHATSAPP_VERIFY_TOKEN: "verify-token",
  WHATSAPP_ACCESS_TOKEN: "access-token",
  SLACK_SIGNING_SECRET: "signing-secret",
  SLACK_BOT_TOKEN: "xoxb-1",
  DISCORD_PUBLIC_KEY,
};
const parse = (channels: object) => parseConfig(channelsSchema, JSON.stringify(channels), SECRETS);
const paths = (channels: object) => {
  const parsed = parse(channels);
  return parsed.ok ? [] : parsed.faults.map(({ path }) => path).sort();
};

test("the blocks that the documentation shows are enough, the vendors' own addresses the default", () => {
  const parsed = parse({
    whatsapp: {
      appSecret: "{{WHATSAPP_APP_SECRET}}",
      verifyToken: "{{WHATSAPP_VERIFY_TOKEN}}",
      accessToken: "{{WHATSAPP_ACCESS_TOKEN}}",
    },
    slack: { signingSecret: "{{SLACK_SIGNING_SECRET}}", botToken: "{{SLACK_BOT_TOKEN}}" },
    discord: { publicKey: "{{DISCORD_PUBLIC_KEY}}" },
  });
  expect(parsed).toEqual({
    ok: true,
    value: {
      whatsapp: {
        appSecret: ["app-secret"],
        verifyToken: "verify-token",
        accessToken: "access-token",
        apiBaseUrl: "https://graph.facebook.com",
        apiVersion: "v25.0",
        resend: "repeat",
      },
      slack: {
        signingSecret: ["signing-secret"],
        botToken: "xoxb-1",
        apiBaseUrl: "https://slack.com/api",
        resend: "repeat",
      },
      discord: {
        publicKey: DISCORD_PUBLIC_KEY,
        apiBaseUrl: "https://discord.com/api/v10",
        resend: "repeat",
      },
    },
  });
});

test("a misspelt key, a placeholder for a key, an empty secret and a wrong choice are each named", () => {
  const { whatsapp, slack } = channelBlocks();
  expect(
    paths({
      whatsapp: { ...whatsapp, appSecret: [], apiVersion: "25", verifyToken: "short" },
      slack: { ...slack, signingSecret: ["", "b"], bottoken: "x", resend: "maybe" },
      discord: { publicKey: "0".repeat(64), apiBaseUrl: "discord.com" },
    }),
  ).toEqual([
    "discord.apiBaseUrl",
    "discord.publicKey",
    "slack.bottoken",
    "slack.resend",
    "slack.signingSecret.0",
    "whatsapp.apiVersion",
    "whatsapp.appSecret",
    "whatsapp.verifyToken",
  ]);
});
