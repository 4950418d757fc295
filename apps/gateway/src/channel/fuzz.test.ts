import { ERRORS } from "@chela/shared/errors/errors";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { InboundEvent } from "../inbox/event.ts";
import { arbitraryBody } from "./testing/arbitrary-bodies.ts";
import { everyChannel } from "./testing/channels.ts";
import { discordRequest, genericRequest, slackRequest } from "./testing/vendor-requests.ts";
import { VendorServer } from "./testing/vendor-server.ts";

// Thousands of runs, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** Nothing is left to chance: a run that fails here fails for everybody. */
const RUNS = { seed: 20_261_122, numRuns: 1_500 };
const channels = everyChannel();
const signal = new AbortController().signal;

/** Headers as they come with a body, its signature left out: what a parser may look at. */
const HEADERS: Readonly<Record<string, Record<string, string>>> = {
  generic: genericRequest("msg_1", "{}").headers,
  slack: slackRequest("{}").headers,
  discord: discordRequest("{}").headers,
};

function expectWhole(event: InboundEvent, channel: string): void {
  expect(event.channel).toBe(channel);
  expect(event.sessionKey.startsWith(`${channel}:`)).toBe(true);
  expect(event.sessionKey.length).toBeGreaterThan(channel.length + 1);
  expect(event.sessionKey.length).toBeLessThanOrEqual(600);
  expect(event.eventId.length).toBeGreaterThanOrEqual(1);
  expect(event.eventId.length).toBeLessThanOrEqual(256);
  expect(event.text.length).toBeLessThanOrEqual(65_536);
  expect(event.reply.length).toBeLessThanOrEqual(4_096);
  for (const part of [event.sessionKey, event.eventId, event.text, event.reply]) {
    expect(part.isWellFormed()).toBe(true);
  }
  expect(event.request).toBeNull();
}

test.each([...channels.keys()])(
  "%s: whatever is in a body, its events are whole or it is refused, and nothing throws",
  (name) => {
    const channel = channels.get(name)!;
    fc.assert(
      fc.property(arbitraryBody(name), (body) => {
        const understood = channel.understand(HEADERS[name] ?? {}, body);
        switch (understood.kind) {
          case "refused":
            expect([400, 413]).toContain(ERRORS[understood.refusal.code].status);
            break;
          case "answer":
            expect(understood.body.length).toBeLessThan(4_096);
            break;
          case "events":
            expect(understood.events.length).toBeLessThanOrEqual(1_000);
            for (const event of understood.events) {
              expectWhole(event, name);
              const messages = channel.outbound?.messages(event.reply, event.text) ?? [];
              for (const message of messages) {
                expect(["repeat", "give-up"]).toContain(channel.outbound?.resend(message));
              }
            }
        }
      }),
      RUNS,
    );
  },
);

const header = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ maxLength: 30 }).map((text) => `v0=${text}`),
  fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256=${hex}`),
  fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `v0=${hex}`),
  fc.stringMatching(/^[0-9a-f]{128}$/),
  fc.base64String().map((text) => `v1,${text}`),
  fc.constantFrom("1790000000", String(Math.floor(Date.now() / 1_000)), "-0", "١٢٣", "1e3"),
);
const names = [
  "webhook-id",
  "webhook-timestamp",
  "webhook-signature",
  "x-telegram-bot-api-secret-token",
  "x-hub-signature-256",
  "x-slack-request-timestamp",
  "x-slack-signature",
  "x-signature-timestamp",
  "x-signature-ed25519",
];

test.each([...channels.keys()])(
  "%s: no made-up headers prove a sender, and none throws",
  (name) => {
    const channel = channels.get(name)!;
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), header, { maxKeys: names.length }),
        fc.uint8Array({ maxLength: 100 }),
        (headers, bytes) => {
          const unproven = channel.checkHeaders(headers, Date.now());
          const forged = channel.verify(headers, Buffer.from(bytes));
          expect(unproven ?? forged).not.toBeNull();
          expect(ERRORS[(unproven ?? forged)!.code].status).toBe(401);
        },
      ),
      RUNS,
    );
  },
);

test("no answer of an assistant, whatever is in it, breaks a send", async () => {
  const address = {
    telegram: '{"chat_id":1}',
    whatsapp: '{"phone_number_id":"1","to":"2","recipient_type":"individual"}',
    slack: '{"channel":"C1"}',
    discord: JSON.stringify({ application: "1", token: "t", at: Math.floor(Date.now() / 1_000) }),
  };
  const api = await VendorServer.start(() => ({ status: 200, body: { ok: true } }));
  const vendors = everyChannel(api.url);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.entries(address)),
      fc.string({ unit: "binary", maxLength: 3_000 }),
      async ([name, reply], text) => {
        const outbound = vendors.get(name)!.outbound!;
        for (const message of outbound.messages(reply, text)) {
          expect(await outbound.send(message, signal)).toEqual({ kind: "sent" });
        }
      },
    ),
    { ...RUNS, numRuns: 100 },
  );
  await api.stop();
});

test.each([
  ["nested beyond any stack", `${"[".repeat(400_000)}${"]".repeat(400_000)}`],
  ["nested objects", `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`],
  ["a byte order mark alone", "\ufeff"],
  ["half a character", Buffer.from([0x7b, 0x22, 0xe2, 0x82])],
  ["packed", Buffer.from([0x1f, 0x8b, 0x08, 0x00])],
  ["a number", "1e999"],
  ["nothing", ""],
])("%s is refused by every channel", (_what, body) => {
  for (const [name, channel] of channels) {
    expect(channel.understand(HEADERS[name] ?? {}, Buffer.from(body))).toMatchObject({
      kind: "refused",
      refusal: { code: "body-invalid" },
    });
  }
});

test("of a key that stands there twice the last one counts, for identity as for text", () => {
  const body =
    '{"update_id":1,"update_id":2,"message":{"message_id":1,"chat":{"id":3},"text":"a"}}';
  expect(channels.get("telegram")?.understand({}, Buffer.from(body))).toMatchObject({
    id: "2",
    events: [{ eventId: "2", sessionKey: "telegram:3" }],
  });
});

test("a byte order mark before a body changes nothing", () => {
  const body = JSON.stringify({ session: "alice", text: "hello" });
  const generic = channels.get("generic")!;
  const headers = HEADERS["generic"]!;
  const marked = generic.understand(headers, Buffer.from(`\ufeff${body}`));
  expect(marked).toEqual(generic.understand(headers, Buffer.from(body)));
});
