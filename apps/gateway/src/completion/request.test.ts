import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCompletion } from "./request.ts";

const parse = (body: unknown) => parseCompletion(Buffer.from(JSON.stringify(body)));
const hi = [{ role: "user", content: "hi" }];

test("messages are kept as they came; the last user's is the text, its parts joined", () => {
  const image = { type: "image_url", image_url: { url: "data:image/png;base64,AA" } };
  const messages = [
    { role: "system", content: "be brief" },
    { role: "user", content: "first", name: "alice" },
    { role: "assistant", content: "one" },
    {
      role: "user",
      content: [{ type: "text", text: "what" }, image, { type: "text", text: "is it?" }],
    },
  ];
  const body = { model: "gpt-x", user: "alice", messages, stream: true };
  expect(parse({ ...body, stream_options: { include_usage: true } })).toEqual({
    ok: true,
    asked: {
      model: "gpt-x",
      user: "alice",
      text: "what\nis it?",
      messages,
      options: {},
      stream: true,
      includeUsage: true,
    },
  });
});

test("settings of the model are passed on, hints are left aside", () => {
  const passed = {
    temperature: 0.2,
    max_completion_tokens: 100,
    stop: ["\n"],
    seed: 1,
    response_format: { type: "json_object" },
    reasoning_effort: "low",
    logit_bias: { "50256": -100 },
  };
  const hints = { store: true, metadata: { a: "b" }, service_tier: "auto", x_own: [1], n: 1 };
  const parsed = parse({ messages: hi, ...passed, ...hints, top_p: null, tools: [] });
  expect(parsed).toMatchObject({ ok: true, asked: { options: passed, model: null, user: null } });
  if (parsed.ok)
    expect(Object.keys(parsed.asked.options).sort()).toEqual(Object.keys(passed).sort());
});

test.each([
  ["n", { n: 2 }],
  ["tools", { tools: [{ type: "function" }] }],
  ["functions", { functions: [{}] }],
  ["tool_choice", { tool_choice: "required" }],
  ["audio", { audio: {} }],
  ["modalities", { modalities: ["text", "audio"] }],
  ["logprobs", { logprobs: true }],
  ["messages[0].role", { messages: [{ role: "tool", content: "x" }, ...hi] }],
  ["messages[0].tool_calls", { messages: [{ role: "assistant", tool_calls: [{}] }, ...hi] }],
  [
    "messages[0].content[0].type",
    { messages: [{ role: "user", content: [{ type: "input_audio" }] }] },
  ],
])("%s cannot be had, and the refusal names it", (param, more) => {
  expect(parse({ messages: hi, ...more })).toMatchObject({
    ok: false,
    refusal: { code: "parameter-unsupported", param, detail: expect.stringContaining(param) },
  });
});

test.each([
  ["messages", {}],
  ["messages", { messages: [] }],
  ["messages", { messages: [{ role: "system", content: "x" }] }],
  ["messages[0]", { messages: ["hi"] }],
  ["messages[0].role", { messages: [{ role: "robot", content: "x" }] }],
  ["messages[0].content", { messages: [{ role: "user", content: null }] }],
  ["messages[0].content", { messages: [{ role: "user", content: [] }] }],
  ["messages[0].content[0].text", { messages: [{ role: "user", content: [{ type: "text" }] }] }],
  ["user", { messages: hi, user: "x".repeat(257) }],
  ["model", { messages: hi, model: 7 }],
  ["stream", { messages: hi, stream: "yes" }],
  ["temperature", { messages: hi, temperature: "warm" }],
  ["stop", { messages: hi, stop: [1] }],
])("a faulty %s is named", (param, body) => {
  expect(parse(body)).toMatchObject({ ok: false, refusal: { code: "body-invalid", param } });
});

test("nested too deep for whoever writes it out again: refused, not crashed on", () => {
  const deep = `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`;
  const body = `{"messages":${JSON.stringify(hi)},"response_format":${deep}}`;
  expect(parseCompletion(Buffer.from(body))).toMatchObject({
    ok: false,
    refusal: { code: "body-invalid" },
  });
});

test("any body is understood or refused for a reason of its own, and what is understood can be stored", () => {
  const anything = fc.jsonValue({ maxDepth: 2 });
  // Halves of characters, as JSON can carry them.
  const halves = fc.string({ unit: fc.constantFrom("a", "\ud83e", "\udd80", "\0") });
  const message = fc.record(
    {
      role: fc.oneof(fc.constantFrom("system", "user", "assistant", "tool"), anything),
      content: fc.oneof(halves, anything),
      tool_calls: anything,
    },
    { requiredKeys: [] },
  );
  const body = fc.record(
    {
      model: fc.oneof(fc.string(), anything),
      messages: fc.oneof(fc.array(message), anything),
      user: fc.oneof(halves, anything),
      stream: fc.oneof(fc.boolean(), anything),
      stream_options: anything,
      n: anything,
      stop: anything,
      temperature: anything,
      tools: anything,
      response_format: anything,
    },
    { requiredKeys: [] },
  );
  const bytes = fc.oneof(
    fc.oneof(body, anything).map((value) => Buffer.from(JSON.stringify(value))),
    fc.uint8Array().map((value) => Buffer.from(value)),
  );
  fc.assert(
    fc.property(bytes, (body) => {
      const parsed = parseCompletion(body);
      if (!parsed.ok) {
        expect(["body-invalid", "parameter-unsupported"]).toContain(parsed.refusal.code);
        return;
      }
      const { asked } = parsed;
      expect(asked.messages.length).toBeGreaterThan(0);
      expect(asked.text.isWellFormed()).toBe(true);
      expect(JSON.parse(JSON.stringify(asked.messages))).toEqual(asked.messages);
    }),
    { numRuns: 300 },
  );
});
