import type { GatewaySettings } from "../settings.ts";
import type { Channel } from "./channel.ts";
import { genericChannel } from "./generic/generic.ts";
import { telegramChannel } from "./telegram/telegram.ts";

/** The channels that are configured, by name. A new channel is a folder, a settings block and a line here. */
export function channelsOf(settings: GatewaySettings["channels"]): ReadonlyMap<string, Channel> {
  const channels = [
    settings.generic === undefined ? null : genericChannel(settings.generic),
    settings.telegram === undefined ? null : telegramChannel(settings.telegram),
  ].filter((channel) => channel !== null);
  return new Map(channels.map((channel) => [channel.name, channel]));
}
