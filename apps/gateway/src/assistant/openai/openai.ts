import type { Clock } from "@chela/shared/clock/clock";
import { createParser } from "eventsource-parser";
import type { OpenAiSettings } from "../../settings.ts";
import type { Answer, Assistant, Turn } from "../assistant.ts";
import { call, EndpointFault, type EndpointLimits, type EndpointReply } from "./endpoint.ts";
import { AnswerInTheMaking } from "./making.ts";
import { questionOf } from "./question.ts";
import { refusalOf } from "./refusal.ts";

const CONNECT_MS_MAX = 5_000;
const PROBE_MS_MAX = 3_000;
/** With 300 bytes around each token this is far more than any model says. */
const STREAM_BYTES_MAX = 64 * 1_048_576;
const EVENT_CHARACTERS_MAX = 4 * 1_048_576;
const WAIT_MS_MAX = 60_000;
/** Whoever answers a probe so takes no messages now: a proxy for a server that is gone, a wrong key. */
const TAKES_NOTHING = new Set([401, 402, 502, 503, 504]);

/**
 * Any server with OpenAI's `/chat/completions`. Forwarding headers of the caller never reach it: what is sent is
 * made here.
 */
export function openAiAssistant(settings: OpenAiSettings, clock: Clock): Assistant {
  const base = settings.baseUrl.replace(/\/+$/, "");
  const authorization: Record<string, string> =
    settings.apiKey === "" ? {} : { authorization: `Bearer ${settings.apiKey}` };
  const limits: EndpointLimits = {
    connectMs: Math.min(CONNECT_MS_MAX, settings.timeoutMs),
    firstByteMs: settings.firstByteTimeoutMs,
    idleMs: settings.idleTimeoutMs,
    totalMs: settings.timeoutMs,
    bytesMax: STREAM_BYTES_MAX,
  };

  return {
    async answer(turn, signal) {
      const question = await questionOf(settings, turn);
      const making = new AnswerInTheMaking();
      try {
        const reply = await call(
          {
            method: "POST",
            url: `${base}/chat/completions`,
            headers: {
              "content-type": "application/json",
              accept: "text/event-stream, application/json",
              ...authorization,
            },
            body: JSON.stringify(question),
          },
          limits,
          signal,
          clock,
        );
        if (reply.status < 200 || reply.status > 299) {
          reply.close();
          return refusalOf(reply.status, reply.retryAfter, clock.wallMs(), WAIT_MS_MAX);
        }
        const trouble = reply.contentType.includes("text/event-stream")
          ? await readStream(reply, making, turn)
          : await readWhole(reply, making);
        if (trouble === null) return making.whole(turn.request !== null);
        return stopped(making, trouble);
      } catch (error) {
        if (!(error instanceof EndpointFault)) throw error;
        if (error.fault === "unreached") {
          const reason = "cannot be reached";
          return { kind: "later", reason, finding: "away", retryAfterMs: null };
        }
        return stopped(making, REASONS[error.fault]);
      }
    },

    async reachable(signal) {
      const probe = { ...limits, firstByteMs: PROBE_MS_MAX, totalMs: PROBE_MS_MAX };
      try {
        const reply = await call(
          { method: "GET", url: `${base}/models`, headers: authorization, body: "" },
          probe,
          signal,
          clock,
        );
        reply.close();
        // Any other answer of its own will do: not every server lists its models.
        return !TAKES_NOTHING.has(reply.status);
      } catch {
        return false;
      }
    },
  };
}

const REASONS = {
  cut: "the connection ended in mid-answer",
  silent: "nothing came for too long",
  overtime: "the answer took too long",
  "too-large": "its answer is too large",
  aborted: "broken off",
} as const;

/** Once part of the answer was shown, nothing is begun again. */
function stopped(making: AnswerInTheMaking, reason: string): Answer {
  return { kind: making.begun ? "broken" : "failed", reason };
}

/** Reads a stream to its end; answers what went wrong with it. */
async function readStream(
  reply: EndpointReply,
  making: AnswerInTheMaking,
  turn: Turn,
): Promise<string | null> {
  let done = false;
  let broken = false;
  const parser = createParser({
    maxBufferSize: EVENT_CHARACTERS_MAX,
    onError: (error) => {
      broken ||= error.type === "max-buffer-size-exceeded";
    },
    onEvent({ data }) {
      if (done) return;
      done = data.trim() === "[DONE]";
      if (done) return;
      const piece = making.take(parsed(data));
      if (piece !== "") turn.delta(piece);
    },
  });
  for await (const piece of reply.pieces) {
    parser.feed(piece);
    if (making.error !== null) return making.error;
    if (broken || making.tooLong) return REASONS["too-large"];
    if (done) return null;
  }
  // Some endpoints end without [DONE]; a stream that says neither was cut.
  return making.finished ? null : REASONS.cut;
}

/** An endpoint that does not stream. */
async function readWhole(reply: EndpointReply, making: AnswerInTheMaking): Promise<string | null> {
  const read: string[] = [];
  let length = 0;
  for await (const piece of reply.pieces) {
    read.push(piece);
    length += piece.length;
    if (length > EVENT_CHARACTERS_MAX) return REASONS["too-large"];
  }
  making.take(parsed(read.join("")));
  return making.tooLong ? REASONS["too-large"] : making.error;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
