import type { Answer, Assistant, Turn } from "./assistant.ts";

/** The assistant's answer, or none as soon as `signal` aborts, whether or not the assistant listens. */
export function answerUnlessAborted(
  assistant: Assistant,
  turn: Turn,
  signal: AbortSignal,
): Promise<Answer> {
  const over: Answer = { kind: "failed", reason: "broken off" };
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve(over);
    const stop = () => resolve(over);
    signal.addEventListener("abort", stop, { once: true });
    assistant
      .answer(turn, signal)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
}
