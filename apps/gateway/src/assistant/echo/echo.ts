import type { Clock } from "@chela/shared/clock/clock";
import type { Assistant } from "../assistant.ts";

/**
 * Answers `echo: <text>` after `latencyMs`: for trying things out and for tests. Its words come spread over that
 * time, so that streaming can be seen.
 */
export function echoAssistant(latencyMs: number, clock: Clock): Assistant {
  return {
    async answer(turn, signal) {
      const text = `echo: ${turn.text}`;
      const words = latencyMs === 0 ? [text] : text.split(/(?<=\s)(?=\S)/);
      const beganMs = clock.monotonicMs();
      for (const [n, word] of words.entries()) {
        const dueMs = beganMs + (latencyMs * (n + 1)) / words.length;
        const leftMs = dueMs - clock.monotonicMs();
        // Thousands of words within a second come in bunches.
        if (leftMs >= 1) await clock.sleep(leftMs, signal);
        if (signal.aborted) break;
        turn.delta(word);
      }
      return { kind: "reply", text };
    },
    reachable: async () => true,
  };
}
