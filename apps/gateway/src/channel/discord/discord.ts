import { boundedEvent } from "../bounded-event.ts";
import { answered, type Channel, headerOf, jsonObject, refused } from "../channel.ts";
import type { DiscordSettings } from "../channel-settings.ts";
import { proofMissing } from "../freshness.ts";
import { partsOf } from "../text-parts.ts";
import { ed25519Key, signatureMatches } from "./ed25519.ts";
import { interactionOf } from "./interaction.ts";
import { discordSender, type Outgoing } from "./send.ts";

const SIGNATURE = "x-signature-ed25519";
const TIMESTAMP = "x-signature-timestamp";
const TEXT_UNITS_MAX = 2_000;
/** Discord takes no empty message, and without one "is thinking…" would stand there for ever. */
const NOTHING_SAID = "…";

const PONG = 1;
const DEFERRED = 5;
const SUGGESTIONS = 8;

/**
 * Discord, interactions (commands, buttons, forms) by webhook. The sender is proven by an Ed25519 signature over
 * timestamp and raw body; Discord tries that out with wrong ones, to which 401 is the only right answer. It waits three
 * seconds and sends nothing twice, so the stored interaction is answered "deferred" (`type` 5), and the assistant's
 * answer is written into it later, with the interaction's own token. Suggestions while typing are never offered.
 *
 * The answer's other keys (`status`, `id`, `gateway`) are ours; Discord reads `type` and `data`.
 *
 * A session is one person in one channel: `discord:<channel>:<user>`. Interactions show us what somebody asked the app,
 * never what is said around it: shared by a whole channel, a session would be a heap of strangers' questions.
 *
 * A send whose outcome is unknown: writing the first part again changes nothing (it is an edit), so that is always
 * repeated; a further part would be said twice, so that `resend` decides.
 */
export function discordChannel(settings: DiscordSettings, redisNowMs: () => number): Channel {
  const key = ed25519Key(settings.publicKey);
  if (key === null)
    throw new Error("discord.publicKey was checked when the configuration was read");
  return {
    name: "discord",
    dedupeTtlSeconds: 86_400,
    confirm: null,

    checkHeaders: (headers, nowMs) => proofMissing(headers, TIMESTAMP, [SIGNATURE], nowMs),

    verify(headers, body) {
      const [timestamp, signature] = [headerOf(headers, TIMESTAMP), headerOf(headers, SIGNATURE)];
      return signatureMatches(key, timestamp, body, signature)
        ? null
        : { code: "signature-invalid" };
    },

    understand(headers, body) {
      const json = jsonObject(body);
      const interaction = json === null ? null : interactionOf(json);
      if (interaction === null) return refused("body-invalid", "It is not a Discord interaction.");
      switch (interaction.kind) {
        case "ping":
          return answered({ type: PONG });
        case "autocomplete":
          return answered({ type: SUGGESTIONS, data: { choices: [] } });
        case "other":
          return { kind: "events", events: [], id: interaction.id };
        case "said": {
          const { id, application, token, channel, user, text } = interaction;
          const at = Number(headerOf(headers, TIMESTAMP));
          const event = boundedEvent({
            channel: "discord",
            session: [channel, user],
            id,
            text,
            reply: { application, token, at },
          });
          if (event === null) {
            return refused("body-invalid", "The interaction's user or text is empty or too long.");
          }
          return { kind: "events", events: [event], id, also: { type: DEFERRED } };
        }
      }
    },

    outbound: {
      messages(reply, text) {
        const parts = partsOf(text, TEXT_UNITS_MAX);
        return (parts.length === 0 ? [NOTHING_SAID] : parts).map((content, part) =>
          JSON.stringify({ ...JSON.parse(reply), part, content } satisfies Outgoing),
        );
      },
      send: discordSender(settings, redisNowMs),
      resend: (message) =>
        (JSON.parse(message) as Outgoing).part === 0 ? "repeat" : settings.resend,
    },
  };
}
