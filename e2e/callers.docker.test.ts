import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./harness/fleet.ts";
import { until } from "./harness/wait.ts";

interface Frame {
  type: string;
  id?: string;
  eventId?: string;
  role?: string;
  text?: string;
  replyTo?: string;
}

/** A caller as the contract describes one: a WebSocket and JSON. */
class Caller {
  readonly frames: Frame[] = [];
  closed: number | null = null;
  readonly #socket: WebSocket;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("message", ({ data }) => {
      this.frames.push(JSON.parse(String(data)) as Frame);
    });
    this.#socket.addEventListener("close", ({ code }) => {
      this.closed = code;
    });
  }

  opened(): Promise<unknown> {
    return until("an open socket", () => this.#socket.readyState === WebSocket.OPEN);
  }

  send(id: string, text: string): void {
    this.#socket.send(JSON.stringify({ type: "message", id, text }));
  }

  messages(): string[] {
    return this.frames
      .filter((frame) => frame.type === "message")
      .map(({ role, text }) => `${role}: ${text}`);
  }

  answer(replyTo: string): Promise<Frame> {
    return until(`the answer to ${replyTo}`, () =>
      this.frames.find((f) => f.type === "message" && f.replyTo === replyTo),
    );
  }

  close(): void {
    this.#socket.close();
  }
}

describe("callers through the edge", () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await Fleet.up({}, { type: "echo", latencyMs: 400 });
  });
  afterAll(async () => {
    await fleet?.down();
  });

  const call = async (session: string, after?: string) => {
    const query = new URLSearchParams({ session, token: fleet.access.clientToken });
    if (after !== undefined) query.set("after", after);
    const caller = new Caller(`${fleet.access.edgeUrl.replace("http", "ws")}/ws?${query}`);
    await caller.opened();
    return caller;
  };
  const complete = (body: object, headers: Record<string, string> = {}) =>
    fetch(`${fleet.access.edgeUrl}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${fleet.access.clientToken}`,
        "content-type": "application/json",
        ...headers,
      },
      body: JSON.stringify(body),
    });

  it("chat: accepted, told as it is said, answered; the same id again is a duplicate", async () => {
    const caller = await call("alice");
    caller.send("m1", "hello to you");
    const answer = await caller.answer("m1");
    expect(answer).toMatchObject({ role: "assistant", text: "echo: hello to you" });
    const pieces = caller.frames.filter((f) => f.type === "delta" && f.replyTo === "m1");
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.map((f) => f.text).join("")).toBe("echo: hello to you");
    caller.send("m1", "hello to you");
    await until("duplicate", () => caller.frames.some((f) => f.type === "duplicate"));
    expect(caller.messages()).toEqual(["user: hello to you", "assistant: echo: hello to you"]);
    caller.close();
  });

  it("chat: who comes back with the last id is sent what came later, once and in order", async () => {
    const caller = await call("bob");
    caller.send("m1", "one");
    const { eventId } = await caller.answer("m1");
    caller.send("m2", "two");
    await until("it is accepted", () => caller.frames.some((f) => f.id === "m2"));
    caller.close();
    const again = await call("bob", eventId);
    await again.answer("m2");
    expect(again.messages()).toEqual(["user: two", "assistant: echo: two"]);
    again.close();
  });

  it("chat: without the token nobody is let in, and the answer is the contract's", async () => {
    for (const query of ["session=alice", "session=alice&token=wrong"]) {
      const response = await fetch(`${fleet.access.edgeUrl}/ws?${query}`, {
        headers: { upgrade: "websocket", connection: "Upgrade" },
      }).catch(() => null);
      // fetch may not send these headers; a plain GET is refused as well.
      if (response !== null) expect([401, 426]).toContain(response.status);
      const socket = new Caller(`${fleet.access.edgeUrl.replace("http", "ws")}/ws?${query}`);
      await until("a refused socket", () => socket.closed !== null);
      expect(socket.frames).toEqual([]);
    }
  });

  it("/v1: answered whole and in pieces, and the turn stands in the session of its user", async () => {
    const messages = [{ role: "user", content: "good day" }];
    const whole = await complete({ model: "any", user: "carol", messages });
    expect(whole.status).toBe(200);
    expect(await whole.json()).toMatchObject({
      object: "chat.completion",
      choices: [
        { message: { role: "assistant", content: "echo: good day" }, finish_reason: "stop" },
      ],
    });
    const streamed = await complete({ model: "any", user: "carol", messages, stream: true });
    expect(streamed.headers.get("content-type")).toContain("text/event-stream");
    const events = (await streamed.text()).split("\n\n").filter((e) => e.startsWith("data: "));
    expect(events.at(-1)).toBe("data: [DONE]");
    const text = events
      .slice(0, -1)
      .map((event) => JSON.parse(event.slice("data: ".length)))
      .map((chunk) => chunk.choices[0]?.delta?.content ?? "")
      .join("");
    expect(text).toBe("echo: good day");
    const session = await fleet.api.session(fleet.name, "api:carol");
    expect(session.messages.map((m) => `${m.role}: ${m.text}`)).toEqual([
      "user: good day",
      "assistant: echo: good day",
      "user: good day",
      "assistant: echo: good day",
    ]);
    expect(
      (await complete({ model: "any", messages }, { authorization: "Bearer no" })).status,
    ).toBe(401);
  });

  it("a switchover and a kill under way cost no caller a message", async () => {
    await fleet.settled();
    const callers = await Promise.all(["c1", "c2", "c3", "c4"].map((session) => call(session)));
    const asked = Array.from({ length: 6 }, (_, n) =>
      complete({ model: "any", user: `d${n}`, messages: [{ role: "user", content: `n${n}` }] }),
    );
    for (const caller of callers) caller.send("m1", "before");
    await fleet.api.finished(await fleet.api.promote(fleet.name, await fleet.standby()));
    for (const caller of callers) await caller.answer("m1");
    for (const [n, response] of (await Promise.all(asked)).entries()) {
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        choices: [{ message: { content: `echo: n${n}` } }],
      });
    }

    // Those connected to the killed gateway come back with their last id, as every client does.
    for (const caller of callers) caller.send("m2", "during");
    await until("all accepted", () =>
      callers.every((caller) => caller.frames.some((f) => f.id === "m2")),
    );
    await fleet.kill(await fleet.active());
    for (const [n, caller] of callers.entries()) {
      const last = caller.frames.findLast((f) => f.type === "message")!.eventId;
      const heard = await until("the answer, or the end of the socket", () =>
        caller.frames.some((f) => f.type === "message" && f.replyTo === "m2")
          ? "answer"
          : caller.closed !== null
            ? "end"
            : null,
      );
      if (heard === "end") {
        const again = await call(`c${n + 1}`, last);
        expect(await again.answer("m2")).toMatchObject({ text: "echo: during" });
        again.close();
      }
      const session = await fleet.api.session(fleet.name, `web:c${n + 1}`);
      expect(session.messages.map((m) => m.text)).toEqual([
        "before",
        "echo: before",
        "during",
        "echo: during",
      ]);
      caller.close();
    }
  });

  it("the chat page is served with a policy that lets nothing foreign in", async () => {
    const page = await fetch(`${fleet.access.edgeUrl}/chat`);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
  });
});
