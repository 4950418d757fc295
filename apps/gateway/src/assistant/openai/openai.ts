import type { OpenAiSettings } from "../../settings.ts";
import type { Answer, Assistant } from "../assistant.ts";

const PROBE_TIMEOUT_MS = 3_000;
const ANSWER_BYTES_MAX = 4 * 1_048_576;
/** What a proxy answers for a server that is gone or overloaded. */
const AWAY = new Set([502, 503, 504]);

/**
 * Any server with OpenAI's `/chat/completions`. The whole history is sent each time and no `user`, so that
 * the server keeps no state of its own and any gateway can go on with the session.
 */
export function openAiAssistant(settings: OpenAiSettings): Assistant {
  const base = settings.baseUrl.replace(/\/+$/, "");
  const authorization: Record<string, string> =
    settings.apiKey === "" ? {} : { authorization: `Bearer ${settings.apiKey}` };
  const system =
    settings.systemPrompt === undefined
      ? []
      : [{ role: "system" as const, content: settings.systemPrompt }];

  return {
    async answer(turn, signal) {
      const history = await turn.history(settings.historyMessages);
      const said = [...history, { role: "user" as const, text: turn.text }];
      const messages = [...system, ...said.map(({ role, text }) => ({ role, content: text }))];
      const overtime = AbortSignal.timeout(settings.timeoutMs);
      try {
        const response = await fetch(`${base}/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json", ...authorization },
          body: JSON.stringify({ model: settings.model, messages }),
          signal: AbortSignal.any([signal, overtime]),
        });
        const body = await response.text();
        return response.ok ? replyOf(body) : refusalOf(response, settings.timeoutMs);
      } catch {
        if (overtime.aborted) {
          return { kind: "failed", reason: `no answer within ${settings.timeoutMs} ms` };
        }
        return { kind: "later", reason: "cannot be reached", up: false, retryAfterMs: null };
      }
    },

    async reachable(signal) {
      try {
        const response = await fetch(`${base}/models`, {
          headers: authorization,
          signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]),
        });
        await response.body?.cancel();
        // Any answer of its own will do: not every server lists its models.
        return !AWAY.has(response.status);
      } catch {
        return false;
      }
    },
  };
}

function replyOf(body: string): Answer {
  if (body.length > ANSWER_BYTES_MAX) return { kind: "failed", reason: "its answer is too large" };
  try {
    const content: unknown = JSON.parse(body).choices[0].message.content;
    if (typeof content === "string") return { kind: "reply", text: content.toWellFormed() };
  } catch {
    // Said below.
  }
  return { kind: "failed", reason: "its answer holds no message" };
}

function refusalOf(response: Response, waitMaxMs: number): Answer {
  const { status } = response;
  const reason = `answered ${status}`;
  if (status === 429 || AWAY.has(status)) {
    const seconds = Number(response.headers.get("retry-after"));
    const retryAfterMs = seconds > 0 ? Math.min(seconds * 1_000, waitMaxMs) : null;
    return { kind: "later", reason, up: status === 429, retryAfterMs };
  }
  // A wrong key is the operator's to correct: messages wait for it.
  if (status === 401) return { kind: "later", reason, up: false, retryAfterMs: null };
  if (status >= 500 || status === 408) return { kind: "failed", reason };
  return { kind: "refused", text: `The assistant refused this message (status ${status}).` };
}
