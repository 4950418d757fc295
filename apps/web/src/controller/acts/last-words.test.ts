import { expect, it } from "vitest";
import { lastWordsOf } from "./last-words.ts";

it("says each message once, the plain line as it stands, the last three at most", () => {
  const fault = '{"level":50,"time":1,"msg":"gateway.sesion is not a known key"}';
  const again = '{"level":50,"time":2,"msg":"gateway.sesion is not a known key"}';
  expect(lastWordsOf([fault, "Correct it.", again, "Correct it."])).toBe(
    " Its last words: “gateway.sesion is not a known key” “Correct it.”",
  );
  expect(lastWordsOf(["a", "b", "c", "d"])).toBe(" Its last words: “b” “c” “d”");
  expect(lastWordsOf([])).toBe("");
});
