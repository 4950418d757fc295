import { DEFAULT_KEY_PREFIX } from "@chela/shared/keys/keys";
import type { Access } from "./access.ts";

/** The two files an operator edits, as a new fleet gets them. */

/** gateway.json: the gateways' configuration; `{{NAME}}` comes from secrets.env and, for `REDIS_…`, from the console. */
export function initialGatewayConfig(
  assistant: "echo" | "openai",
  keyPrefix: string = DEFAULT_KEY_PREFIX,
): string {
  const config = {
    gateway: {
      session: {
        store: "redis",
        redis: {
          host: "{{REDIS_HOST}}",
          port: "{{REDIS_PORT}}",
          username: "{{REDIS_USERNAME}}",
          password: "{{REDIS_PASSWORD}}",
          db: 0,
          keyPrefix,
        },
      },
      webhook: { deduplication: true, deduplicationStore: "redis" },
      channels: { generic: { secret: "{{GENERIC_WEBHOOK_SECRET}}" } },
      clients: { token: "{{CLIENT_TOKEN}}" },
      assistant:
        assistant === "echo"
          ? { type: "echo" }
          : {
              type: "openai",
              baseUrl: "{{OPENAI_BASE_URL}}",
              apiKey: "{{OPENAI_API_KEY}}",
              model: "{{OPENAI_MODEL}}",
            },
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** secrets.env: what the configuration's `{{NAME}}` stand for. */
export function initialSecrets(
  access: Pick<Access, "webhookSecret" | "clientToken">,
  assistant: "echo" | "openai",
  env: Record<string, string | undefined>,
): string {
  const openai = ["OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODEL"].map((name) => {
    const given = env[name] ?? "";
    return assistant === "openai" || given !== "" ? `${name}=${given}` : `# ${name}=`;
  });
  return [
    "# Values for {{NAME}} in gateway.json. Edit, then roll the configuration out in the console.",
    `GENERIC_WEBHOOK_SECRET=${access.webhookSecret}`,
    `CLIENT_TOKEN=${access.clientToken}`,
    "",
    '# Telegram: put "telegram" into gateway.json\'s channels and these here (README, "Telegram").',
    "# TELEGRAM_BOT_TOKEN=",
    "# TELEGRAM_SECRET_TOKEN=",
    "",
    '# WhatsApp, Slack and Discord likewise: "whatsapp", "slack", "discord" (README).',
    "# WHATSAPP_APP_SECRET=",
    "# WHATSAPP_VERIFY_TOKEN=",
    "# WHATSAPP_ACCESS_TOKEN=",
    "# SLACK_SIGNING_SECRET=",
    "# SLACK_BOT_TOKEN=",
    "# DISCORD_PUBLIC_KEY=",
    "",
    '# An OpenAI-compatible assistant: gateway.json, "assistant": {"type": "openai", …}',
    ...openai,
    "",
  ].join("\n");
}
