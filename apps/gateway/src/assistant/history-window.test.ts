import fc from "fast-check";
import { expect, test } from "vitest";
import type { Said } from "./assistant.ts";
import { historyWindow } from "./history-window.ts";

const length = (text: string) => text.length;
const conversation: Said[] = [
  { role: "user", text: "aaaa" },
  { role: "assistant", text: "bbbb" },
  { role: "user", text: "cccc" },
  { role: "assistant", text: "dddd" },
];

test("the newest messages that fit are shown, and never a reply to nothing first", () => {
  expect(historyWindow(conversation, 16, length)).toEqual(conversation);
  expect(historyWindow(conversation, 15, length)).toEqual(conversation.slice(2));
  expect(historyWindow(conversation, 8, length)).toEqual(conversation.slice(2));
  expect(historyWindow(conversation, 7, length)).toEqual([]);
  expect(historyWindow([], 7, length)).toEqual([]);
});

test("for any conversation: its end, within the limit, from a user's message on", () => {
  const said = fc.record({
    role: fc.constantFrom("user" as const, "assistant" as const),
    text: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(said), fc.nat(100), (all, max) => {
      const shown = historyWindow(all, max, length);
      expect(shown).toEqual(all.slice(all.length - shown.length));
      expect(shown.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(max);
      if (shown.length > 0) expect(shown[0]!.role).toBe("user");
    }),
  );
});
