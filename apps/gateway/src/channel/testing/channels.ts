import type { Channel } from "../channel.ts";
import { channelsSchema } from "../channel-settings.ts";
import { channelsOf } from "../channels.ts";
import { DISCORD_PUBLIC_KEY, SECRETS } from "./vendor-requests.ts";

/** `gateway.channels` with every channel in it, as an operator writes it; `api`: where the vendors are. */
export function channelBlocks(api = "http://127.0.0.1"): Record<string, object> {
  return {
    generic: { secret: SECRETS.generic },
    telegram: { botToken: "1:abc", secretToken: SECRETS.telegram, apiBaseUrl: api },
    whatsapp: {
      appSecret: SECRETS.whatsapp,
      verifyToken: SECRETS.verifyToken,
      accessToken: "access-token",
      apiBaseUrl: api,
    },
    slack: { signingSecret: SECRETS.slack, botToken: "xoxb-1", apiBaseUrl: `${api}/api` },
    discord: { publicKey: DISCORD_PUBLIC_KEY, apiBaseUrl: `${api}/api/v10` },
  };
}

/** All of them, ready. */
export function everyChannel(api?: string): ReadonlyMap<string, Channel> {
  return channelsOf(channelsSchema.parse(channelBlocks(api)), () => Date.now());
}
