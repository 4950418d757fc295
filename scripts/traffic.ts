import { randomInt, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { signWebhook } from "./fleet/signed-webhook.ts";

/**
 * Demo chat traffic: a handful of people who write now and then, through the edge, and a provider that delivers
 * some events twice. `node scripts/traffic.ts <access.json>`; runs until it is stopped.
 */
const { edgeUrl, webhookSecret } = JSON.parse(
  readFileSync(process.argv[2] ?? ".chela/access.json", "utf8"),
) as {
  edgeUrl: string;
  webhookSecret: string;
};
const PEOPLE = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy"];
const LINES = [
  "Hello!",
  "What is on today?",
  "Remind me at five.",
  "Thanks.",
  "And the weather?",
  "Summarise that, please.",
];
const PER_SECOND = 4;
const REPEATED_SHARE = 0.15;
const REQUEST_MS = 10_000;

process.once("SIGTERM", () => process.exit(0));
process.once("SIGINT", () => process.exit(0));
for (;;) {
  const event = { id: randomUUID(), session: pick(PEOPLE), text: pick(LINES) };
  void deliver(event, Math.random() < REPEATED_SHARE ? 2 : 1);
  // Irregular, as people are; the average holds.
  await wait((1000 / PER_SECOND) * (0.25 + Math.random() * 1.5));
}

function pick(from: readonly string[]): string {
  return from[randomInt(from.length)]!;
}

async function deliver(
  { id, session, text }: { id: string; session: string; text: string },
  times: number,
) {
  for (let time = 0; time < times; time++) {
    const { body, headers } = signWebhook(webhookSecret, id, { session, text });
    const signal = AbortSignal.timeout(REQUEST_MS);
    const status = await fetch(`${edgeUrl}/webhooks/generic`, {
      method: "POST",
      body,
      headers,
      signal,
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      (error: Error) => error.message,
    );
    if (status !== 200) console.error(`${new Date().toISOString()} ${id}: ${status}`);
  }
}
