import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { until } from "../../../../e2e/harness/wait.ts";
import { ask, CalledFleet } from "../completion/testing/called-fleet.ts";
import { begin, FakeEndpoint, say, streamed } from "./openai/testing/fake-endpoint.ts";

let fleet: CalledFleet;
beforeAll(async () => {
  fleet = await CalledFleet.open();
});
afterAll(() => fleet.close());
beforeEach(() => fleet.begin());
afterEach(() => fleet.end());

test("what fails for good is told to the caller, and stands in the session", async () => {
  fleet.endpoint.chat = (response) => void response.writeHead(400).end("{}");
  const [, standby] = await fleet.started(fleet.model());
  const client = fleet.client(standby!, { maxRetries: 2 });
  const refused = client.chat.completions.create({ ...ask("no"), user: "dave" });
  await expect(refused).rejects.toMatchObject({
    status: 502,
    code: "turn-failed",
    message: expect.stringContaining("status 400"),
  });
  // Not asked again by itself: that would be another turn.
  expect(fleet.endpoint.asked.filter(({ body }) => body !== null)).toHaveLength(1);
  fleet.endpoint.chat = (response) => {
    begin(response);
    say(response, "half an ans");
    setTimeout(() => response.destroy(), 100);
  };
  const call = { ...ask("cut"), user: "dave", stream: true as const };
  const stream = await client.chat.completions.create(call);
  let heard = "";
  const read = (async () => {
    for await (const { choices } of stream) heard += choices[0]?.delta.content ?? "";
  })();
  await expect(read).rejects.toMatchObject({ code: "turn-failed" });
  expect(heard).toBe("half an ans");
  expect(await fleet.session("api:dave")).toEqual([
    "user: no",
    expect.stringMatching(/^error: Sorry/),
    "user: cut",
    expect.stringMatching(/^error: The answer broke off/),
  ]);
});

test("a message that was refused is not shown again: it would get all the later ones refused", async () => {
  const [, standby] = await fleet.started(fleet.model());
  for (const [n, text] of ["one", "two", "three"].entries()) {
    fleet.endpoint.chat = (response) => {
      if (text === "two") response.writeHead(400).end("{}");
      else streamed(response, ["fine"]);
    };
    await standby!.send(text, "erin", text);
    await until("its answer", async () => {
      return (await fleet.session("generic:erin")).length === 2 * (n + 1);
    });
  }
  expect(fleet.lastAsked().messages).toEqual([
    { role: "user", content: "one" },
    { role: "assistant", content: "fine" },
    { role: "user", content: "three" },
  ]);
});

test("an assistant that is away: calls wait, use up no attempt, and are answered once it is back", async () => {
  const { port } = fleet.endpoint;
  const [one, two] = await fleet.started(fleet.model());
  await fleet.endpoint.stop();
  const waiting = Array.from({ length: 10 }, (_, n) =>
    fleet.client(two!).chat.completions.create(ask(`n${n}`)),
  );
  await until("it is known to be down", async () => !(await one!.status()).assistantUp);
  fleet.endpoint = await new FakeEndpoint().start(port);
  fleet.endpoint.chat = (response, { body }) =>
    streamed(response, [`to ${String(body!.messages.at(-1)!.content)}`]);
  const answers = await Promise.all(waiting);
  expect(answers.map(({ choices }) => choices[0]!.message.content)).toEqual(
    waiting.map((_, n) => `to n${n}`),
  );
});

test("the holder's assistant is away, another's is not: what waits moves there and is answered", async () => {
  fleet.endpoint.chat = (response) => streamed(response, ["from the other one"]);
  const [one, two] = await Promise.all([
    fleet.gateway("gw-1", fleet.model("http://127.0.0.1:1/v1")),
    fleet.gateway("gw-2", fleet.model()),
  ]);
  await until("both are there", async () => {
    return (await one.status()).ready && (await two.status()).ready;
  });
  const answer = await fleet.client(one).chat.completions.create(ask("hi"));
  expect(answer.choices[0]!.message.content).toBe("from the other one");
});

test("one that answers 500 is left alone for a while instead of using up every message's attempts", async () => {
  const [gateway] = await fleet.started(fleet.model(), 1);
  let failing = true;
  let asked = 0;
  fleet.endpoint.chat = (response) => {
    asked += 1;
    if (failing) response.writeHead(500).end();
    else streamed(response, ["well again"]);
  };
  const waiting = ["one", "two", "three"].map((text) =>
    fleet.client(gateway!).chat.completions.create(ask(text)),
  );
  await until("it is found to fail", async () => !(await gateway!.status()).assistantUp);
  failing = false;
  const answers = await Promise.all(waiting);
  expect(answers.map(({ choices }) => choices[0]!.message.content)).toEqual(
    waiting.map(() => "well again"),
  );
  // Three failures, one or two that were under way with them, and three answers.
  expect(asked).toBeLessThanOrEqual(8);
});

test("told to wait, a turn waits as long as it was told, and no other one with it", async () => {
  const [gateway] = await fleet.started(fleet.model(), 1);
  const asked: { text: string; atMs: number }[] = [];
  fleet.endpoint.chat = (response, { body }) => {
    const text = String(body!.messages.at(-1)!.content);
    asked.push({ text, atMs: performance.now() });
    const isFirst = asked.filter((each) => each.text === text).length === 1;
    if (text === "busy" && isFirst) response.writeHead(429, { "retry-after": "2" }).end();
    else streamed(response, [`to ${text}`]);
  };
  const client = fleet.client(gateway!);
  const busy = client.chat.completions.create(ask("busy"));
  await until("it was told to wait", () => asked.length === 1);
  const other = await client.chat.completions.create(ask("other"));
  expect(other.choices[0]!.message.content).toBe("to other");
  expect((await busy).choices[0]!.message.content).toBe("to busy");
  const [first, second] = asked.filter(({ text }) => text === "busy");
  expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(1_990);
});
