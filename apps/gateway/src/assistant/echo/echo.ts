import type { Clock } from "@chela/shared/clock/clock";
import type { Assistant } from "../assistant.ts";

/** Answers `echo: <text>` after `latencyMs`: for trying things out and for tests. */
export function echoAssistant(latencyMs: number, clock: Clock): Assistant {
  return {
    async answer(turn, signal) {
      if (latencyMs > 0) await clock.sleep(latencyMs, signal);
      return { kind: "reply", text: `echo: ${turn.text}` };
    },
    reachable: async () => true,
  };
}
