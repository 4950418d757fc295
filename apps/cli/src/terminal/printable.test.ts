import { expect, test } from "vitest";
import { onOneLine, printable } from "./printable.ts";

test("text from elsewhere cannot command the terminal", () => {
  expect(printable("a\u001b[2Jb\rc\u009b31m\u202ed")).toBe("a�[2Jb�c�31m�d");
});

test("lines and tabs of a message stay, a table's cell is one line", () => {
  expect(printable("a\n\tb")).toBe("a\n\tb");
  expect(onOneLine(" a\n\tb ")).toBe("a b");
});
