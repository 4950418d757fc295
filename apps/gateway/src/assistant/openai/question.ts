import { estimateTokenCount } from "tokenx";
import type { CallerRequest } from "../../inbox/event.ts";
import type { OpenAiSettings } from "../../settings.ts";
import type { Turn } from "../assistant.ts";
import { historyWindow } from "../history-window.ts";

/** What the endpoint is asked for a turn: the whole conversation each time and no `user`, so that it keeps no state. */
export async function questionOf(settings: OpenAiSettings, turn: Turn): Promise<object> {
  const { model } = settings;
  const stream = { stream: true };
  if (turn.request === null) {
    return { model, messages: await remembered(settings, turn), ...stream };
  }
  const { options } = turn.request;
  // Only who called over HTTP is told: some endpoints do not know this option.
  const usage = { stream_options: { include_usage: true } };
  return { ...options, model, messages: brought(settings, turn.request), ...stream, ...usage };
}

async function remembered(settings: OpenAiSettings, turn: Turn): Promise<object[]> {
  const said = await turn.history(settings.historyMessages);
  const shown = historyWindow(said, settings.historyTokens, estimateTokenCount);
  return [
    ...systemOf(settings),
    ...shown.map(({ role, text }) => ({ role, content: text })),
    { role: "user", content: turn.text },
  ];
}

/** The caller's own conversation, as it is; the operator's system prompt only where the caller has none. */
function brought(settings: OpenAiSettings, { messages }: CallerRequest): readonly object[] {
  const hasOwn = messages.some(({ role }) => role === "system" || role === "developer");
  return hasOwn ? messages : [...systemOf(settings), ...messages];
}

function systemOf({ systemPrompt }: OpenAiSettings): object[] {
  return systemPrompt === undefined ? [] : [{ role: "system", content: systemPrompt }];
}
