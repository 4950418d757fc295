import { z } from "zod";
import { ed25519Key } from "./discord/ed25519.ts";

/** What the configuration says of each channel: `gateway.channels`. Secrets stand there as `{{NAME}}`. */

const url = z.url({ protocol: /^https?$/, error: "is not an http or https URL" });
const secret = z.string().min(1, "is empty");

/** One value, or several while one replaces another. */
const oneOrMore = <T extends z.ZodType>(value: T) =>
  z.preprocess((given) => (typeof given === "string" ? [given] : given), z.array(value).min(1));

/**
 * What becomes of a reply whose sending broke off so that nobody knows whether it arrived (no answer in time, the
 * gateway died meanwhile): sent once more, so that at worst it is said twice; or given up, so that at worst it is
 * never said, and stands among the dead letters.
 */
const resend = z.enum(["repeat", "give-up"]).default("repeat");

const generic = z.strictObject({
  /** Standard Webhooks secret, `whsec_…`; several while one replaces another. */
  secret: oneOrMore(
    z
      .string()
      .regex(
        /^(whsec_)?[A-Za-z0-9+/]{22,}={0,2}$/,
        "is not a Standard Webhooks secret: whsec_ and at least 16 bytes in base64",
      ),
  ),
});

const telegram = z.strictObject({
  botToken: secret,
  /** What was given to setWebhook as `secret_token`. */
  secretToken: secret,
  apiBaseUrl: url.default("https://api.telegram.org"),
  resend,
});

const whatsapp = z.strictObject({
  /** The Meta app's own secret, with which webhooks are signed. */
  appSecret: oneOrMore(secret),
  /** Made up by the operator and typed into Meta's console beside the callback URL. */
  verifyToken: z.string().min(8, "is too short to be a token: 8 characters or more"),
  /** A system user's token with whatsapp_business_messaging. */
  accessToken: secret,
  apiBaseUrl: url.default("https://graph.facebook.com"),
  apiVersion: z
    .string()
    .regex(/^v\d{1,3}\.\d{1,3}$/, "is not a Graph API version such as v25.0")
    .default("v25.0"),
  resend,
});

const slack = z.strictObject({
  signingSecret: oneOrMore(secret),
  /** `xoxb-…`, with chat:write. */
  botToken: secret,
  apiBaseUrl: url.default("https://slack.com/api"),
  resend,
});

const discord = z.strictObject({
  /** The application's public key as the developer portal shows it. */
  publicKey: z
    .string()
    .refine(
      (key) => ed25519Key(key) !== null,
      "is not an Ed25519 public key: copy the 64 hex digits from the application's General Information",
    ),
  apiBaseUrl: url.default("https://discord.com/api/v10"),
  resend,
});

export const channelsSchema = z
  .strictObject({
    generic: generic.optional(),
    telegram: telegram.optional(),
    whatsapp: whatsapp.optional(),
    slack: slack.optional(),
    discord: discord.optional(),
  })
  .prefault({});

export type ChannelsSettings = z.output<typeof channelsSchema>;
export type GenericSettings = z.output<typeof generic>;
export type TelegramSettings = z.output<typeof telegram>;
export type WhatsappSettings = z.output<typeof whatsapp>;
export type SlackSettings = z.output<typeof slack>;
export type DiscordSettings = z.output<typeof discord>;
