import type { Said } from "./assistant.ts";

/**
 * What of a conversation an assistant is shown: the newest messages that together stay within `tokensMax`, from a
 * user's message on. A conversation that begins with a reply to nothing confuses models, and some endpoints refuse it.
 */
export function historyWindow(
  said: readonly Said[],
  tokensMax: number,
  tokensOf: (text: string) => number,
): readonly Said[] {
  let from = said.length;
  for (let tokens = 0; from > 0; from--) {
    tokens += tokensOf(said[from - 1]!.text);
    if (tokens > tokensMax) break;
  }
  while (from < said.length && said[from]!.role === "assistant") from++;
  return said.slice(from);
}
