import type { Clock } from "@chela/shared/clock/clock";
import type { Answer, Assistant } from "../assistant/assistant.ts";
import type { Random } from "./random.ts";

/** A text that no assistant survives answering. */
export const POISON = "poison";

/** A text whose gateway dies while it is being answered. */
export const LETHAL = "lethal";

/** How the assistant behaves now; the same for every gateway, but for those that cannot reach it. */
export interface Mood {
  troubled: boolean;
}

/** An assistant that is slow, fails, asks to come later or hangs, as long as its mood is troubled. */
export function simulatedAssistant(
  clock: Clock,
  random: Random,
  mood: Mood,
  gateway: { canReach: () => boolean; die: () => void },
): Assistant {
  return {
    async answer(turn, signal): Promise<Answer> {
      if (!gateway.canReach()) {
        return { kind: "later", reason: "refused", finding: "away", retryAfterMs: null };
      }
      const { troubled } = mood;
      const draw = random.next();
      await clock.sleep(troubled && draw < 0.03 ? 3_000 : random.between(2, 120), signal);
      if (turn.text === LETHAL) {
        gateway.die();
        await new Promise(() => {});
      }
      if (turn.text === POISON) return { kind: "failed", reason: "poisoned" };
      if (!troubled || draw >= 0.2) return { kind: "reply", text: `re: ${turn.text}` };
      if (draw < 0.1) return { kind: "failed", reason: "drawn" };
      if (draw < 0.12) return { kind: "refused", text: "I will not answer that." };
      if (draw < 0.14) return { kind: "broken", reason: "drawn" };
      const finding = draw < 0.18 ? "nothing" : "away";
      return { kind: "later", reason: "drawn", finding, retryAfterMs: draw < 0.16 ? 200 : null };
    },
    reachable: async () => gateway.canReach(),
  };
}
