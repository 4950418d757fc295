import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { begin, end, say } from "../assistant/openai/testing/fake-endpoint.ts";
import { ask, CalledFleet, TOKEN } from "./testing/called-fleet.ts";

let fleet: CalledFleet;
beforeAll(async () => {
  fleet = await CalledFleet.open();
});
afterAll(() => fleet.close());
beforeEach(() => fleet.begin());
afterEach(() => fleet.end());

test("OpenAI's own client is answered whole and in pieces, from the gateway that only stands by", async () => {
  const [, standby] = await fleet.started({ assistant: { type: "echo", latencyMs: 400 } });
  const client = fleet.client(standby!);
  const whole = await client.chat.completions.create({ ...ask("good day"), user: "alice" });
  expect(whole).toMatchObject({
    object: "chat.completion",
    model: "any",
    choices: [{ message: { role: "assistant", content: "echo: good day" }, finish_reason: "stop" }],
  });
  expect(whole.usage).toBeUndefined();
  const stream = await client.chat.completions.create({
    ...ask("one two three four"),
    user: "alice",
    stream: true,
  });
  const pieces: string[] = [];
  const ends: unknown[] = [];
  for await (const { choices } of stream) {
    if (choices[0]?.delta.content) pieces.push(choices[0].delta.content);
    if (choices[0]?.finish_reason) ends.push(choices[0].finish_reason);
  }
  expect(pieces.join("")).toBe("echo: one two three four");
  expect(pieces.length).toBeGreaterThan(2);
  expect(ends).toEqual(["stop"]);
  // What the client's own helper makes of it.
  const helped = client.chat.completions.stream({ ...ask("five"), user: "alice" });
  expect(await helped.finalContent()).toBe("echo: five");
  expect(await fleet.session("api:alice")).toEqual([
    "user: good day",
    "assistant: echo: good day",
    "user: one two three four",
    "assistant: echo: one two three four",
    "user: five",
    "assistant: echo: five",
  ]);
});

test("the models are listed, strangers and unknown paths refused in OpenAI's shape and ours", async () => {
  const [gateway] = await fleet.started(fleet.model(), 1);
  const client = fleet.client(gateway!);
  const models = await client.models.list();
  expect(models.data.map(({ id }) => id)).toEqual(["m"]);
  expect(await client.models.retrieve("m")).toMatchObject({ id: "m", object: "model" });
  await expect(client.models.retrieve("other")).rejects.toMatchObject({ status: 404 });
  await expect(fleet.client(gateway!, { apiKey: "wrong" }).models.list()).rejects.toMatchObject({
    status: 401,
    code: "unauthorized",
    type: "authentication_error",
  });
  await expect(client.chat.completions.create({ ...ask("hi"), n: 2 })).rejects.toMatchObject({
    status: 400,
    code: "parameter-unsupported",
    param: "n",
    type: "invalid_request_error",
    message: expect.stringContaining("`n`"),
  });
  const large = await fleet.raw(gateway!, ask("x".repeat(5 * 1_048_576)));
  expect(large.status).toBe(413);
  expect(await large.json()).toMatchObject({ error: { code: "body-too-large" } });
  const get = await fetch(`http://127.0.0.1:${gateway!.port}/v1/chat/completions`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
});

test("the caller's history wins; what the endpoint says of length and cost comes through", async () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  fleet.endpoint.chat = (response) => {
    begin(response);
    say(response, "cut of");
    end(response, "length", usage);
  };
  const [, standby] = await fleet.started(fleet.model());
  const client = fleet.client(standby!);
  const messages = [
    { role: "system" as const, content: "theirs" },
    { role: "user" as const, content: "one" },
    { role: "assistant" as const, content: "1" },
    { role: "user" as const, content: "two" },
  ];
  await client.chat.completions.create({ model: "x", messages: messages.slice(1, 2), user: "bob" });
  const whole = await client.chat.completions.create({
    model: "x",
    messages,
    user: "bob",
    max_tokens: 2,
    metadata: { hint: "left aside" },
  });
  expect(whole.choices[0]).toMatchObject({ finish_reason: "length" });
  expect(whole.usage).toEqual(usage);
  expect(fleet.lastAsked()).toEqual({
    model: "m",
    messages,
    max_tokens: 2,
    stream: true,
    stream_options: { include_usage: true },
  });
  const stream = await client.chat.completions.create({
    ...ask("three"),
    stream: true,
    stream_options: { include_usage: true },
  });
  let told: unknown = null;
  for await (const { usage } of stream) told = usage ?? told;
  expect(told).toEqual(usage);
});

test("whatever is sent to it, each call gets a whole answer with a status of its own", async () => {
  const [gateway] = await fleet.started({ assistant: { type: "echo" } }, 1);
  const halves = fc.string({ unit: fc.constantFrom("a", "\ud83e", "\udd80", "\0") });
  const message = fc.record({
    role: fc.constantFrom("system", "user", "assistant", "tool", "x"),
    content: fc.oneof(halves, fc.jsonValue()),
  });
  const body = fc.record(
    {
      messages: fc.array(message, { maxLength: 4 }),
      user: fc.oneof(halves, fc.jsonValue()),
      stream: fc.oneof(fc.boolean(), fc.jsonValue()),
      model: fc.jsonValue(),
      n: fc.constantFrom(1, 2, null),
    },
    { requiredKeys: ["messages"] },
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(body, fc.jsonValue()), async (value) => {
      const answer = await fleet.raw(gateway!, value as object);
      expect([200, 400]).toContain(answer.status);
      const text = await answer.text();
      if (answer.status === 400) {
        expect(JSON.parse(text).error).toMatchObject({ type: "invalid_request_error" });
      } else if (answer.headers.get("content-type")!.includes("event-stream")) {
        expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
      } else {
        expect(JSON.parse(text).choices[0].message.content).toMatch(/^echo: /);
      }
    }),
    { numRuns: 100 },
  );
  expect((await gateway!.status()).ready).toBe(true);
});
