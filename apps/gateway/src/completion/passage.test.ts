import fc from "fast-check";
import { expect, test } from "vitest";
import { Passage } from "./passage.ts";

test("what was sent is sent once, also when the answer begins anew with the same words", () => {
  const passage = new Passage();
  passage.hear("one ");
  passage.hear("two ");
  expect(passage.take()).toBe("one two ");
  passage.reset();
  passage.hear("one ");
  expect(passage.take()).toBe("");
  passage.hear("two three");
  expect(passage.take()).toBe("three");
  expect(passage.rest("one two three.")).toBe(".");
});

test("an answer that begins anew with other words is held back; only its whole can tell", () => {
  const passage = new Passage();
  passage.hear("one ");
  expect(passage.take()).toBe("one ");
  passage.reset();
  passage.hear("another one");
  expect(passage.take()).toBe("");
  expect(passage.rest("another one")).toBeNull();
  expect(passage.rest("one and only")).toBe("and only");
});

test("whatever is heard, what was sent is the beginning of the committed text or the caller is told", () => {
  const step = fc.oneof(fc.constantFrom("a", "b", "ab"), fc.constant(null), fc.constant(true));
  fc.assert(
    fc.property(fc.array(step), fc.string({ unit: fc.constantFrom("a", "b") }), (steps, text) => {
      const passage = new Passage();
      let sent = "";
      for (const each of steps) {
        if (each === null) passage.reset();
        else if (each === true) sent += passage.take();
        else passage.hear(each);
      }
      const rest = passage.rest(text);
      if (rest === null) expect(text.startsWith(sent)).toBe(false);
      else expect(sent + rest).toBe(text);
    }),
  );
});
