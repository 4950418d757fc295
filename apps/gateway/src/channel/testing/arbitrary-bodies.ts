import fc from "fast-check";
import {
  discordAsk,
  discordInteraction,
  slackCallback,
  slackMessage,
  telegramUpdate,
  whatsappNotification,
  whatsappText,
} from "./vendor-bodies.ts";

type Json = Record<string, unknown> | unknown[];

/** One body of each kind that a vendor sends, to be bent out of shape. */
const GENUINE: Readonly<Record<string, readonly object[]>> = {
  generic: [{ session: "alice", text: "hello" }],
  telegram: [telegramUpdate(7, 42, "hello")],
  whatsapp: [
    whatsappNotification(
      [
        whatsappText("wamid.1", "16505551234", "one"),
        { id: "w2", from: "1", type: "image", image: { caption: "look" } },
        { id: "w3", from: "1", type: "interactive", interactive: { list_reply: { title: "a" } } },
        { id: "w4", from: "1", type: "contacts", contacts: [{ name: { formatted_name: "B" } }] },
        {
          id: "w5",
          from_user_id: "US.1",
          type: "location",
          location: { latitude: 1, longitude: 2 },
        },
      ],
      [{ id: "wamid.0", status: "read" }],
    ),
  ],
  slack: [
    slackCallback(
      "Ev1",
      slackMessage("1.1", "hello", { thread_ts: "1.0", files: [{ name: "f" }] }),
    ),
    slackCallback("Ev2", { ...slackMessage("1.2", "<@UBOT> hi"), type: "app_mention" }),
    { type: "url_verification", challenge: "c" },
  ],
  discord: [
    discordAsk("1", "hello"),
    discordInteraction("2", 2, {
      name: "a",
      options: [{ name: "b", type: 2, options: [{ name: "c", type: 1, options: [{ value: 1 }] }] }],
    }),
    discordInteraction("3", 3, { custom_id: "x", values: ["a"] }),
    discordInteraction("4", 5, { components: [{ type: 1, components: [{ value: "v" }] }] }),
    { id: "5", type: 1 },
  ],
};

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom<unknown>(
    "",
    "\ud800",
    "\u0000",
    "i".repeat(257),
    "x".repeat(70_000),
    -1,
    1e308,
    0.5,
    Number.MAX_SAFE_INTEGER + 2,
    null,
    [],
    {},
    JSON.parse('{"__proto__":{"id":"x"},"constructor":1,"toString":null}'),
    JSON.parse(`${"[".repeat(500)}${"]".repeat(500)}`),
    Array.from({ length: 1_500 }, () => ({})),
  ),
);

const DEPTH_MAX = 12;

/** Where something stands in a JSON value: its container and key. */
function places(value: unknown, depth = 0): { container: Json; key: string }[] {
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    { container: value as Json, key },
    ...places(item, depth + 1),
  ]);
}

/** A genuine body of the channel with some of its places replaced, emptied or removed. */
function bent(channel: string): fc.Arbitrary<Buffer> {
  const change = fc.record({ at: fc.nat(), value: odd, remove: fc.boolean() });
  return fc
    .tuple(fc.constantFrom(...(GENUINE[channel] ?? [])), fc.array(change, { maxLength: 3 }))
    .map(([genuine, changes]) => {
      const body = structuredClone(genuine);
      for (const { at, value, remove } of changes) {
        const all = places(body);
        const place = all[at % Math.max(all.length, 1)];
        if (place === undefined) continue;
        if (remove) Reflect.deleteProperty(place.container, place.key);
        else Reflect.set(place.container, place.key, value);
      }
      return Buffer.from(JSON.stringify(body));
    });
}

/** Any bytes, any JSON, and most of all what looks nearly right. */
export function arbitraryBody(channel: string): fc.Arbitrary<Buffer> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
    { weight: 6, arbitrary: bent(channel) },
  );
}
