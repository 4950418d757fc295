import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { genericChannel } from "./generic.ts";

const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;
const OTHER = `whsec_${Buffer.from("another one of thirty-two bytes.").toString("base64")}`;
const NOW_MS = 1_790_000_000_000;
const channel = genericChannel({ secret: [SECRET] });

function signed(body: string | Buffer, id = "msg_1", secret = SECRET, atMs = NOW_MS) {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(atMs / 1_000)),
    "webhook-signature": new Webhook(secret).sign(id, new Date(atMs), body),
  };
}

const id = fc.stringMatching(/^[\x21-\x7e]{1,80}$/);

test("whatever the reference implementation signs is accepted, and one changed byte is not", () => {
  fc.assert(
    fc.property(id, fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (id, bytes, at) => {
      const body = Buffer.from(bytes);
      const text = body.toString("utf8");
      const headers = signed(text, id);
      const whole = Buffer.from(text);
      expect(channel.checkHeaders(headers, NOW_MS)).toBeNull();
      expect(channel.verify(headers, whole)).toBeNull();
      const changed = Buffer.from(whole);
      changed[at % changed.length]! ^= 1;
      expect(channel.verify(headers, changed)).toEqual({ code: "signature-invalid" });
    }),
  );
});

test("no made-up signature header is accepted or throws", () => {
  const body = Buffer.from('{"session":"a","text":"b"}');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String().map((text) => `v1,${text}`),
        fc.array(fc.base64String().map((text) => `v1,${text}`)).map((all) => all.join(" ")),
      ),
      (signature) => {
        const headers = { ...signed(body), "webhook-signature": signature };
        expect(channel.verify(headers, body)).toEqual({ code: "signature-invalid" });
      },
    ),
  );
});

test("any of several secrets and any of several signatures will do", () => {
  const both = genericChannel({ secret: [OTHER, SECRET] });
  const body = Buffer.from("{}");
  expect(both.verify(signed(body), body)).toBeNull();
  expect(both.verify(signed(body, "x", OTHER), body)).toBeNull();
  const headers = signed(body);
  headers["webhook-signature"] = `v1,AAAA v2,xyz ${headers["webhook-signature"]}`;
  expect(channel.verify(headers, body)).toBeNull();
  expect(channel.verify(signed(body, "x", OTHER), body)).toEqual({ code: "signature-invalid" });
});

test("missing headers and timestamps beyond five minutes are refused before the body", () => {
  const headers = signed("{}");
  for (const name of Object.keys(headers)) {
    expect(channel.checkHeaders({ ...headers, [name]: "" }, NOW_MS)?.code).toBe(
      "signature-missing",
    );
  }
  expect(channel.checkHeaders(headers, NOW_MS + 300_000)).toBeNull();
  expect(channel.checkHeaders(headers, NOW_MS - 300_000)).toBeNull();
  expect(channel.checkHeaders(headers, NOW_MS + 301_000)?.code).toBe("timestamp-invalid");
  expect(channel.checkHeaders(headers, NOW_MS - 301_000)?.code).toBe("timestamp-invalid");
  for (const timestamp of ["NaN", "1e9", "-5", "17900000000000", " 1790000000"]) {
    expect(channel.checkHeaders({ ...headers, "webhook-timestamp": timestamp }, NOW_MS)?.code).toBe(
      "timestamp-invalid",
    );
  }
});

test("limits of session, text and id are told apart", () => {
  const understand = (body: unknown, id = "msg_1") =>
    channel.understand(signed("", id), Buffer.from(JSON.stringify(body)));
  expect(understand({ session: "alice", text: "hello", more: 1 })).toEqual({
    kind: "events",
    id: "msg_1",
    events: [
      {
        channel: "generic",
        sessionKey: "generic:alice",
        eventId: "msg_1",
        text: "hello",
        reply: "",
        request: null,
      },
    ],
  });
  expect(understand({ session: "😀".repeat(256), text: "" }).kind).toBe("events");
  expect(understand({ session: "a", text: "b" }, "i".repeat(256)).kind).toBe("events");
  for (const body of [
    { session: "😀".repeat(257), text: "" },
    { session: "", text: "" },
    { session: "a", text: "é".repeat(32_769) },
    { session: "a" },
    { session: 1, text: "x" },
    [],
    null,
    "text",
  ]) {
    expect(understand(body)).toMatchObject({ kind: "refused", refusal: { code: "body-invalid" } });
  }
  expect(understand({ session: "a", text: "b" }, "i".repeat(257)).kind).toBe("refused");
  const broken = Buffer.from([0x7b, 0xff, 0x7d]);
  expect(channel.understand(signed(""), broken).kind).toBe("refused");
});
