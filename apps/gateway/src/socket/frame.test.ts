import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FRAME_BYTES_MAX, readFrame } from "./frame.ts";

const said = (value: unknown) => readFrame(Buffer.from(JSON.stringify(value)), false);

describe("a client's frame", () => {
  test("is taken with an id of 1 to 256 characters and a text of up to 64 KiB", () => {
    const id = "😀".repeat(256);
    const text = "é".repeat(32_768);
    expect(said({ type: "message", id, text })).toMatchObject({ ok: true, frame: { id, text } });
    expect(said({ type: "message", id: "a", text: "" })).toMatchObject({ ok: true });
  });

  test.each([
    [{ type: "message", id: "", text: "x" }, null],
    [{ type: "message", id: "x".repeat(257), text: "x" }, null],
    [{ type: "message", id: "\ud800", text: "x" }, null],
    [{ type: "message", id: 7, text: "x" }, null],
    [{ type: "message", id: "a" }, "a"],
    [{ type: "message", id: "a", text: 1 }, "a"],
    [{ type: "ping", id: "a", text: "x" }, "a"],
    [[], null],
    ["text", null],
    [null, null],
  ])("%j is refused, under its id where that can be read", (value, replyTo) => {
    const refusal = { code: "message-invalid" };
    expect(said(value)).toMatchObject({ ok: false, replyTo, refusal });
  });

  test("of more than 64 KiB of text is refused by name, and so is a binary one", () => {
    const large = said({ type: "message", id: "a", text: "é".repeat(32_769) });
    expect(large).toMatchObject({ replyTo: "a", refusal: { code: "text-too-large" } });
    const bytes = Buffer.from('{"type":"message","id":"a","text":"x"}');
    expect(readFrame(bytes, true)).toMatchObject({ refusal: { code: "message-invalid" } });
  });

  test("fits into the largest payload however its JSON is spelt", () => {
    const escaped = (n: number) => "\\u0001".repeat(n);
    const pairs = "\\ud83d\\ude00".repeat(256);
    const json = `{ "type": "message", "id": "${pairs}", "text": "${escaped(65_536)}" }`;
    expect(json.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
    expect(readFrame(Buffer.from(json), false)).toMatchObject({ ok: true });
  });

  test("whatever is sent, it is understood or refused, and what is understood is well-formed", () => {
    const thing = fc.anything({ maxDepth: 1, maxKeys: 3 });
    const loose = fc.record({ type: thing, id: thing, text: thing });
    const text = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) });
    const near = fc.record({ type: fc.constant("message"), id: text, text });
    const any = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.oneof(loose, near, fc.json()).map((value) => Buffer.from(JSON.stringify(value) ?? "")),
    );
    fc.assert(
      fc.property(any, (bytes) => {
        const word = readFrame(bytes, false);
        if (!word.ok) return;
        expect(word.frame.text.isWellFormed() && word.frame.id.isWellFormed()).toBe(true);
        expect(word.frame.id.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});
