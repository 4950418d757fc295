import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChatClient } from "./chat-client.ts";
import { compareEventIds } from "./event-id.ts";
import { answerTo, ModelGateway } from "./testing/model-gateway.ts";

function chat(after?: string) {
  const gateway = new ModelGateway();
  const client = new ChatClient({
    url: "wss://edge/ws",
    session: "alice",
    token: "t",
    ...(after === undefined ? {} : { after }),
    surroundings: gateway.surroundings,
  });
  client.start();
  return { gateway, client };
}

function opened() {
  const both = chat();
  both.gateway.open();
  return both;
}

const shown = (client: ChatClient) => client.messages.map(({ text }) => text);

describe("a chat client", () => {
  test("says one message at a time, in the order they were given to it", () => {
    const { gateway, client } = opened();
    for (const text of ["a", "b", "c"]) client.send(text);
    expect(gateway.socket!.toGateway.map(({ text }) => text)).toEqual(["a"]);
    gateway.take();
    gateway.socket!.deliver();
    expect(gateway.socket!.toGateway.map(({ text }) => text)).toEqual(["b"]);
    gateway.settle();
    expect(shown(client)).toEqual(["a", "b", "c"].flatMap((text) => [text, answerTo(text)]));
  });

  test("says again, under the same id, what was not confirmed before the connection ended", () => {
    const { gateway, client } = opened();
    const id = client.send("a");
    gateway.take();
    gateway.socket!.cut(1006);
    gateway.advance(1_000);
    gateway.open();
    expect(gateway.socket!.toGateway).toEqual([{ type: "message", id, text: "a" }]);
    gateway.settle();
    expect(shown(client)).toEqual(["a", answerTo("a")]);
  });

  test("comes back at once when told to (1012), and with the id of the last message", () => {
    const { gateway, client } = opened();
    client.send("a");
    gateway.settle();
    gateway.socket!.cut(1012);
    gateway.advance(0);
    expect(gateway.sockets.length).toBe(2);
    expect(gateway.socket!.after).toBe(client.messages.at(-1)!.eventId);
  });

  test("waits longer after each failure, by chance, up to a limit, and anew after a good connection", () => {
    const { gateway, client } = chat();
    const waits: number[] = [];
    const waitFor = () => {
      gateway.socket!.cut(1006);
      const { connection } = client;
      if (connection.kind !== "waiting") throw new Error(connection.kind);
      const ms = connection.retryAtMs - gateway.surroundings.nowMs();
      gateway.advance(ms);
      return ms;
    };
    for (let n = 0; n < 10; n++) waits.push(waitFor());
    expect(waits).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 7_500, 7_500, 7_500, 7_500]);
    gateway.random = 1;
    expect(waitFor()).toBe(15_000);
    gateway.open();
    gateway.advance(60_000);
    expect(waitFor()).toBe(250);
  });

  test("told to come back again and again, it does not hurry for ever", () => {
    const { gateway } = chat();
    for (let n = 0; n < 3; n++) {
      gateway.open();
      gateway.socket!.cut(1012);
      gateway.advance(0);
    }
    expect(gateway.sockets.length).toBe(2);
  });

  test("takes a connection on which nothing is confirmed for dead", () => {
    const { gateway, client } = opened();
    client.send("a");
    gateway.advance(10_000);
    expect(gateway.sockets.length).toBe(2);
    gateway.settle();
    expect(shown(client)).toEqual(["a", answerTo("a")]);
  });

  test("makes the connection anew when an answer is awaited in long silence", () => {
    const { gateway, client } = opened();
    client.send("a");
    gateway.take();
    gateway.socket!.deliver();
    gateway.advance(44_000);
    expect(gateway.sockets.length).toBe(1);
    gateway.advance(1_000);
    expect(gateway.sockets.length).toBe(2);
  });

  test("shows what is being said, and drops it on a reset, a cut, and when the message comes", () => {
    const { gateway, client } = opened();
    const id = client.send("a")!;
    gateway.take();
    const deliverAll = () => {
      while (gateway.socket!.toClient.length > 0) gateway.socket!.deliver();
    };
    gateway.say();
    gateway.say();
    deliverAll();
    expect(client.saying(id)).toBe("the ");
    gateway.takeOver();
    deliverAll();
    expect(client.saying(id)).toBe("");
    gateway.say();
    deliverAll();
    expect(client.saying(id)).toBe("th");
    gateway.socket!.cut(1006);
    expect(client.saying(id)).toBe("");
    gateway.say();
    gateway.advance(1_000);
    gateway.open();
    deliverAll();
    expect(client.saying(id)).toBe("the ");
    gateway.commit();
    deliverAll();
    expect(client.saying(id)).toBe("");
    expect(shown(client)).toEqual(["a", answerTo("a")]);
  });

  test("waits and tries again with what cannot be taken now; nothing overtakes it", () => {
    const { gateway, client } = opened();
    client.send("a");
    client.send("b");
    gateway.take(true);
    gateway.socket!.deliver();
    expect(gateway.socket!.toGateway).toEqual([]);
    gateway.settle();
    expect(shown(client)).toEqual(["a", "b"].flatMap((text) => [text, answerTo(text)]));
  });

  test("keeps a text that is too large out of the way of the others, with the reason", () => {
    const { gateway, client } = opened();
    const id = client.send("x".repeat(65_537))!;
    client.send("b");
    gateway.settle();
    expect(shown(client)).toEqual(["b", answerTo("b")]);
    expect(client.outgoing).toMatchObject([
      { state: "refused", error: { code: "text-too-large" } },
    ]);
    client.forget(id);
    expect(client.outgoing).toEqual([]);
  });

  test("let in nowhere, it says why and stops trying until it is told to", async () => {
    const { gateway, client } = chat();
    gateway.explanation = { code: "unauthorized", message: "A valid bearer token is needed." };
    gateway.socket!.cut(1006);
    await expect.poll(() => client.connection.kind).toBe("refused");
    gateway.advance(60_000);
    expect(gateway.sockets.length).toBe(1);
    gateway.explanation = null;
    client.retryNow();
    gateway.open();
    expect(client.connection.kind).toBe("open");
  });

  test("a refusal that passes by itself is no reason to stop", async () => {
    const { gateway, client } = chat();
    gateway.explanation = { code: "stopping", message: "This gateway is stopping." };
    gateway.socket!.cut(1006);
    await Promise.resolve();
    gateway.advance(1_000);
    gateway.open();
    expect(client.connection.kind).toBe("open");
  });

  test("once stopped it does nothing more", () => {
    const { gateway, client } = opened();
    client.stop();
    gateway.advance(60_000);
    expect([gateway.sockets.length, client.connection.kind]).toEqual([1, "stopped"]);
  });
});

describe("whatever happens to its connections", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant("send") },
    { weight: 4, arbitrary: fc.constantFrom("open", "take", "say", "commit") },
    { weight: 8, arbitrary: fc.constant("deliver") },
    { weight: 2, arbitrary: fc.constantFrom("repeat", "refuse", "takeOver") },
    { weight: 1, arbitrary: fc.constantFrom("cut", "restart", "tryAgain", "wait", "waitLong") },
  );

  test("each message is said once, and each message is shown once and in order", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
        const { gateway, client } = chat();
        const said: string[] = [];
        const acts: Record<string, () => void> = {
          send: () => void said.push(client.send(`t${said.length}`)!),
          open: () => gateway.open(),
          take: () => gateway.take(),
          refuse: () => gateway.take(true),
          say: () => gateway.say(),
          commit: () => gateway.commit(),
          takeOver: () => gateway.takeOver(),
          deliver: () => gateway.socket?.deliver(),
          repeat: () => gateway.socket?.repeat(),
          cut: () => gateway.socket?.cut(1006),
          restart: () => gateway.socket?.cut(1012),
          tryAgain: () => gateway.socket?.cut(1013),
          wait: () => gateway.advance(300),
          waitLong: () => gateway.advance(20_000),
        };
        const check = () => {
          const ids = client.messages.map(({ eventId }) => eventId);
          expect(ids).toEqual([...new Set(ids)].sort(compareEventIds));
          expect(client.messages).toEqual(gateway.history.slice(0, ids.length));
          for (const [n, id] of said.entries()) {
            expect(answerTo(`t${n}`).startsWith(client.saying(id))).toBe(true);
          }
          const shownIds = client.messages.flatMap(({ id }) => (id === undefined ? [] : [id]));
          // Nothing that was said is ever out of sight, nor twice in it.
          expect([...shownIds, ...client.outgoing.map(({ id }) => id)]).toEqual(said);
        };
        for (const name of steps) {
          acts[name]!();
          check();
        }
        gateway.settle();
        check();
        expect(client.outgoing).toEqual([]);
        expect(shown(client)).toEqual(said.flatMap((_, n) => [`t${n}`, answerTo(`t${n}`)]));
      }),
      { numRuns: 50 },
    );
  });
});
