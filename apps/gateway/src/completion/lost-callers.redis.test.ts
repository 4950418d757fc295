import type OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { until } from "../../../../e2e/harness/wait.ts";
import { begin, end, say, streamed } from "../assistant/openai/testing/fake-endpoint.ts";
import { ask, CalledFleet, TOKEN } from "./testing/called-fleet.ts";

let fleet: CalledFleet;
beforeAll(async () => {
  fleet = await CalledFleet.open();
});
afterAll(() => fleet.close());
beforeEach(() => fleet.begin());
afterEach(() => fleet.end());

/** A whole completion out of a raw answer. */
async function said(response: Promise<Response>): Promise<{ id: string; text: string | null }> {
  const { id, choices } = (await (await response).json()) as OpenAI.ChatCompletion;
  return { id, text: choices[0]!.message.content };
}

test("the same key again, elsewhere and at the same time, is one turn and one answer", async () => {
  let turns = 0;
  let release = () => {};
  fleet.endpoint.chat = async (response) => {
    turns += 1;
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    streamed(response, [`answer ${turns}`]);
  };
  const [one, two] = await fleet.started(fleet.model());
  const key = { "idempotency-key": "k1" };
  const first = fleet.raw(one!, ask("hi"), key);
  await until("the turn has begun", () => turns === 1);
  const second = fleet.raw(two!, ask("hi"), key);
  const third = fleet.raw(two!, { ...ask("hi"), stream: true }, key);
  // All three wait for the one turn: the third's headers come although nothing was said yet.
  expect((await third).headers.get("content-type")).toContain("text/event-stream");
  release();
  const theOne = { id: "chatcmpl-k1", text: "answer 1" };
  expect(await said(first)).toEqual(theOne);
  expect(await said(second)).toEqual(theOne);
  expect(await (await third).text()).toContain('"content":"answer 1"');
  expect(await said(fleet.raw(two!, ask("hi"), key))).toEqual(theOne);
  expect(turns).toBe(1);
  // The edge's own id does the same for a caller without a key.
  const tries = [one!, two!].map((gateway) =>
    said(fleet.raw(gateway, ask("hi"), { "x-request-id": "r1" })),
  );
  await until("the second turn has begun", () => turns === 2);
  release();
  expect((await Promise.all(tries)).map(({ text }) => text)).toEqual(["answer 2", "answer 2"]);
  // Without a name the session ends within the hour.
  const ttl = await fleet.sessionTtl("api:k1");
  expect(ttl).toBeGreaterThan(3_000);
  expect(ttl).toBeLessThanOrEqual(3_600);
});

test("a caller who goes away loses nothing: the turn is done, and the key finds its answer", async () => {
  const [one, two] = await fleet.started({ assistant: { type: "echo", latencyMs: 300 } });
  for (const stream of [false, true]) {
    const cut = new AbortController();
    const key = { headers: { "idempotency-key": `gone-${stream}` } };
    const inFlight = until("the turn has begun", async () => (await one!.status()).inFlight > 0);
    const asked = fleet
      .client(two!)
      .chat.completions.create(
        { ...ask(`bye ${stream}`), user: "carol", stream },
        { ...key, signal: cut.signal },
      );
    // Streaming, the answer to the call may come before it is cut.
    const ended = asked.then(() => "answered").catch(() => "cut");
    await inFlight;
    cut.abort();
    await ended;
    await until("the answer in the session", async () =>
      (await fleet.session("api:carol")).includes(`assistant: echo: bye ${stream}`),
    );
    const again = await fleet
      .client(one!)
      .chat.completions.create({ ...ask(`bye ${stream}`), user: "carol" }, key);
    expect(again.choices[0]!.message.content).toBe(`echo: bye ${stream}`);
  }
  expect(await fleet.session("api:carol")).toHaveLength(4);
});

test("its owner killed in mid-stream: the same words again are gone on with, other words are told", async () => {
  const turns: Record<string, number> = { same: 0, other: 0 };
  const hanging: (() => void)[] = [];
  fleet.endpoint.chat = async (response, { body }) => {
    const text = String(body!.messages.at(-1)!.content);
    const turn = turns[text]!++;
    begin(response);
    say(response, text === "same" || turn === 0 ? "To begin with, " : "On second thought, ");
    // Here the first owner dies.
    if (turn === 0) await new Promise<void>((resolve) => hanging.push(resolve));
    say(response, "all is well.");
    end(response);
  };
  const [owner, standby] = await fleet.started(fleet.model());
  const heard: Record<string, string> = { same: "", other: "" };
  const outcomes = Object.keys(heard).map(async (text) => {
    const call = { ...ask(text), stream: true as const };
    const stream = await fleet.client(standby!).chat.completions.create(call);
    try {
      for await (const { choices } of stream) heard[text] += choices[0]?.delta.content ?? "";
      return "whole";
    } catch (error) {
      return (error as { code?: string }).code;
    }
  });
  await until("both are being said", () => Object.values(heard).every((text) => text !== ""));
  owner!.process.kill("SIGKILL");
  expect(await Promise.all(outcomes)).toEqual(["whole", "turn-restarted"]);
  expect(heard).toEqual({ same: "To begin with, all is well.", other: "To begin with, " });
  for (const resolve of hanging) resolve();
});

test("a call whose answer does not come in time is told so, and finds it later under its key", async () => {
  let release = () => {};
  fleet.endpoint.chat = async (response) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    streamed(response, ["at last"]);
  };
  const clients = { token: [TOKEN, "another-token-the-next-one"], answerTimeoutMs: 1_000 };
  const [gateway] = await fleet.started({ ...fleet.model(), clients }, 1);
  const key = { headers: { "idempotency-key": "late" } };
  const client = fleet.client(gateway!, { apiKey: "another-token-the-next-one" });
  const late = client.chat.completions.create(ask("hurry"), key);
  await expect(late).rejects.toMatchObject({ status: 504, code: "turn-late" });
  release();
  await until("the answer", async () => (await fleet.session("api:late")).length === 2);
  const again = await client.chat.completions.create(ask("hurry"), key);
  expect(again.choices[0]!.message.content).toBe("at last");
});

test("told to end, a gateway first answers the calls it has taken", async () => {
  const [one, two] = await fleet.started({ assistant: { type: "echo", latencyMs: 800 } });
  const texts = [one!, two!].map(async (gateway) => {
    const call = { ...ask("one two three"), stream: true as const };
    let text = "";
    for await (const { choices } of await fleet.client(gateway).chat.completions.create(call)) {
      text += choices[0]?.delta.content ?? "";
    }
    return text;
  });
  await until("both are being answered", async () => (await one!.status()).inFlight === 2);
  one!.process.kill("SIGTERM");
  expect(await Promise.all(texts)).toEqual(["echo: one two three", "echo: one two three"]);
  expect(await one!.exit()).toBe(0);
});

test("Redis away: nothing is accepted, the client is told when to come again, and succeeds by itself", async () => {
  const [gateway] = await fleet.started({ assistant: { type: "echo" } }, 1);
  await fleet.server.kill();
  await until("it is noticed", async () => !(await gateway!.status()).ready);
  const refused = await fleet.raw(gateway!, ask("hi"));
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await refused.json()).toMatchObject({ error: { code: "redis-unreachable" } });
  const client = fleet.client(gateway!, { maxRetries: 10 });
  const patient = client.chat.completions.create(ask("hi"));
  await fleet.server.restart();
  expect((await patient).choices[0]!.message.content).toBe("echo: hi");
});
