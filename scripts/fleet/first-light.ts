import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Access } from "../../apps/web/src/state/access.ts";
import { Problem } from "../run/problem.ts";
import { fleetContainers, lastLines } from "./containers.ts";
import { signWebhook } from "./signed-webhook.ts";

const SESSION = "bin-up";
const REQUEST_MS = 5_000;
const AGAIN_MS = 250;
/** A container that restarts is looked at for in every eighth try; found four times, waiting longer is in vain. */
const LOOK_EVERY = 8;
const RESTARTS_SEEN_MAX = 4;

/**
 * Waits until a signed webhook has gone in through the edge and its answer stands in the session.
 * @throws Problem that says how far it came and shows what the containers say.
 */
export async function waitForFirstLight(
  access: Access,
  consolePort: string,
  timeoutMs: number,
): Promise<string> {
  const until = performance.now() + timeoutMs;
  const text = `first light ${randomUUID()}`;
  const event = { id: randomUUID(), session: SESSION, text };
  let accepted = false;
  let last = "";
  let restartsSeen = 0;
  for (let tries = 1; performance.now() < until && restartsSeen < RESTARTS_SEEN_MAX; tries++) {
    const outcome = await (accepted ? answered(access, consolePort, text) : send(access, event));
    if (outcome === true && accepted)
      return "a signed webhook went through the edge and was answered";
    if (outcome === true) accepted = true;
    else {
      last = outcome;
      if (tries % LOOK_EVERY === 0 && (await oneRestarts(access.fleet))) restartsSeen++;
      await wait(AGAIN_MS);
    }
  }
  const stage = accepted
    ? "The webhook was accepted, but no answer stands in its session"
    : "No webhook got through the edge";
  const tookMs = timeoutMs - (until - performance.now());
  throw new Problem(
    `${stage} after ${Math.round(tookMs / 1000)} s: ${last}.\n${await report(access.fleet)}`,
    "The last lines above usually name the reason; `docker logs <container>` has the rest. Run bin/up again once it is mended: it goes on from there.",
  );
}

/** True when accepted, else why not. */
async function send(
  access: Access,
  { id, session, text }: { id: string; session: string; text: string },
) {
  const { body, headers } = signWebhook(access.webhookSecret, id, { session, text });
  const url = `${access.edgeUrl}/webhooks/generic`;
  return request(url, { method: "POST", body, headers }, () => true);
}

/** Asks the console on this machine, whatever address the operator gave it for others. */
async function answered(access: Access, consolePort: string, text: string) {
  const input = { fleet: access.fleet, session: `generic:${SESSION}` };
  const url = `http://127.0.0.1:${consolePort}/api/trpc/sessions.get?input=${encodeURIComponent(JSON.stringify(input))}`;
  const headers = { authorization: `Bearer ${access.apiToken}` };
  return request(url, { headers }, (answer) => {
    const messages = (answer as { result: { data: { messages: { text: string }[] } } }).result.data
      .messages;
    const asked = messages.findIndex((message) => message.text === text);
    return (asked !== -1 && asked < messages.length - 1) || "the session holds no answer yet";
  });
}

async function request(
  url: string,
  init: RequestInit,
  judge: (answer: unknown) => true | string,
): Promise<true | string> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS) });
    const body = await response.text();
    if (!response.ok)
      return `${new URL(url).pathname} answers ${response.status} ${body.slice(0, 200)}`;
    return judge(JSON.parse(body));
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } };
    return `${new URL(url).origin}: ${cause?.code ?? message}`;
  }
}

const oneRestarts = async (fleet: string) =>
  (await fleetContainers(fleet)).some(({ status }) => status.startsWith("Restarting"));

async function report(fleet: string): Promise<string> {
  const containers = await fleetContainers(fleet);
  const logs = await Promise.all(
    containers.map(async ({ name, status }) => {
      const lines = await lastLines(name, 4);
      return [`${name}: ${status}`, ...lines.map((line) => `    ${line.slice(0, 300)}`)].join("\n");
    }),
  );
  return logs.join("\n");
}
