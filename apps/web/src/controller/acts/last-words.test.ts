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

it("finds what a crash says before its stack, whatever the next start says after it", () => {
  expect(
    lastWordsOf([
      '{"level":30,"time":1,"msg":"gateway started"}',
      "<--- Last few GCs --->",
      "",
      "[1:0x3949d000]     1330 ms: Mark-Compact 95.2 (224.8) -> 95.2 (224.8) MB",
      ".6[1:0x3949d000]     1340 ms: Mark-Compact 95.2 (224.8) -> 95.2 (224.8) MB",
      "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
      "----- Native stack trace -----",
      "",
      " 1: 0x931db0  [node]",
      "10: 0x11065f6  [node]",
      '{"level":30,"time":2,"msg":"gateway started"}',
      '{"level":40,"time":2,"msg":"Redis does not answer"}',
    ]),
  ).toBe(
    " Its last words: “FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory”",
  );
  expect(
    lastWordsOf([
      "file:///app/apps/gateway/src/main.ts:12",
      "  throw new Error();",
      "        ^",
      "Error: the registry cannot be read",
      "    at main (file:///app/apps/gateway/src/main.ts:12:9)",
      "Node.js v24.1.0",
      "(node:1) Warning: something is experimental",
      "(Use `node --trace-warnings ...` to show where the warning was created)",
    ]),
  ).toBe(" Its last words: “throw new Error();” “Error: the registry cannot be read”");
});

it("says what is no error where nothing else was said", () => {
  expect(lastWordsOf(['{"level":30,"time":1,"msg":"webhook refused"}'])).toBe(
    " Its last words: “webhook refused”",
  );
});
