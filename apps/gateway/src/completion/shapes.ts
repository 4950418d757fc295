import type { Ending } from "../assistant/assistant.ts";
import type { LiveMessage } from "../live/word.ts";

/** What every part of one answer carries. */
export interface Head {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

/** Same event, same id: a repeated request is given the same completion. */
export function completionId(eventId: string): string {
  return `chatcmpl-${eventId}`;
}

export function completionOf(head: Head, message: LiveMessage): object {
  const { finish, usage } = endingOf(message);
  return {
    id: head.id,
    object: "chat.completion",
    created: head.created,
    model: head.model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: message.text, refusal: null },
        logprobs: null,
        finish_reason: finish,
      },
    ],
    // Left out where the assistant did not say: no figure is better than a made-up one.
    ...(usage === null ? {} : { usage }),
  };
}

export function chunkOf(head: Head, delta: object, finish: string | null): object {
  return {
    ...chunkHead(head),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  };
}

export function usageChunkOf(head: Head, usage: object): object {
  return { ...chunkHead(head), choices: [], usage };
}

export function modelOf(id: string, created: number): object {
  return { id, object: "model", created, owned_by: "chela" };
}

/** Nothing known: it came to its end. */
export function endingOf({ ending }: Pick<LiveMessage, "ending">): Ending {
  return ending === undefined ? { finish: "stop", usage: null } : (JSON.parse(ending) as Ending);
}

function chunkHead({ id, created, model }: Head): object {
  return { id, object: "chat.completion.chunk", created, model };
}
