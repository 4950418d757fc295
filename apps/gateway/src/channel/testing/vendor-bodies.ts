/** Bodies in the shapes that the vendors document. */

export function telegramUpdate(id: number, chat: number, text: string): object {
  return {
    update_id: id,
    message: {
      message_id: id,
      date: 1_790_000_000,
      from: { id: chat, is_bot: false, first_name: "Alice" },
      chat: { id: chat, type: "private" },
      text,
    },
  };
}

export const WHATSAPP_NUMBER = "106540352242922";

export function whatsappText(id: string, from: string, body: string): object {
  return { from, id, timestamp: "1749416383", type: "text", text: { body } };
}

/** A body with messages and receipts, each in a change of its own. */
export function whatsappNotification(
  messages: readonly object[],
  statuses: readonly object[] = [],
): object {
  const change = (content: object) => ({
    field: "messages",
    value: {
      messaging_product: "whatsapp",
      metadata: { display_phone_number: "15550783881", phone_number_id: WHATSAPP_NUMBER },
      ...content,
    },
  });
  return {
    object: "whatsapp_business_account",
    entry: [
      {
        id: "102290129340398",
        changes: [
          ...messages.map((message) => change({ messages: [message] })),
          ...statuses.map((status) => change({ statuses: [status] })),
        ],
      },
    ],
  };
}

export function slackCallback(eventId: string, event: object): object {
  return {
    token: "XXYYZZ",
    team_id: "T123ABC456",
    api_app_id: "A123ABC456",
    type: "event_callback",
    event_id: eventId,
    event_time: 1_355_517_523,
    authorizations: [{ enterprise_id: null, team_id: "T123ABC456", user_id: "UBOT", is_bot: true }],
    event,
  };
}

export function slackMessage(ts: string, text: string, more: object = {}): object {
  return {
    type: "message",
    channel: "C123ABC456",
    user: "U123ABC456",
    text,
    ts,
    event_ts: ts,
    channel_type: "channel",
    ...more,
  };
}

export const DISCORD_APPLICATION = "1290000000000000001";

export function discordInteraction(id: string, type: number, data: object): object {
  return {
    id,
    application_id: DISCORD_APPLICATION,
    type,
    token: `token-of-${id}`,
    version: 1,
    guild_id: "290926798626357999",
    channel_id: "645027906669510667",
    member: { user: { id: "53908232506183680", username: "mason" }, roles: [] },
    data,
  };
}

export function discordAsk(id: string, text: string): object {
  const options = [{ name: "question", type: 3, value: text }];
  return discordInteraction(id, 2, { id: "771825006014889984", type: 1, name: "ask", options });
}
