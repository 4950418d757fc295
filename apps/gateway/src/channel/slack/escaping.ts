/** Slack's control characters: https://docs.slack.dev/messaging/formatting-message-text#escaping */

/** What was typed; `<@U123>` and links stay as Slack writes them. */
export function plainOf(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** What an assistant says is text: nothing in it may call a whole channel (`<!channel>`) or hide a link. */
export function escapedOf(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
