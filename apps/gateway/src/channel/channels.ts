import type { Channel } from "./channel.ts";
import type { ChannelsSettings } from "./channel-settings.ts";
import { discordChannel } from "./discord/discord.ts";
import { genericChannel } from "./generic/generic.ts";
import { slackChannel } from "./slack/slack.ts";
import { telegramChannel } from "./telegram/telegram.ts";
import { whatsappChannel } from "./whatsapp/whatsapp.ts";

/**
 * The channels that are configured, by name. A new channel is a folder, a settings block and a line here.
 * `nowMs`: Redis' time, by which a vendor's deadlines are measured.
 */
export function channelsOf(
  settings: ChannelsSettings,
  nowMs: () => number,
): ReadonlyMap<string, Channel> {
  const channels = [
    settings.generic && genericChannel(settings.generic),
    settings.telegram && telegramChannel(settings.telegram),
    settings.whatsapp && whatsappChannel(settings.whatsapp),
    settings.slack && slackChannel(settings.slack),
    settings.discord && discordChannel(settings.discord, nowMs),
  ].filter((channel) => channel !== undefined);
  return new Map(channels.map((channel) => [channel.name, channel]));
}
