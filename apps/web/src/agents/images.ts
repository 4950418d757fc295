import { randomBytes } from "node:crypto";
import type { ImageView } from "@chela/shared/agent-link/schema";
import { type Agent, AgentError } from "./agent.ts";
import type { AgentLinks } from "./links.ts";
import type { Transfers } from "./transfers.ts";

const PULL_AGAIN_AFTER_MS = 15_000;

/** Brings images to the hosts that need them: what stands there, else from another host, else pulled. */
export class Images {
  readonly #links: AgentLinks;
  readonly #transfers: Transfers;
  /** One copy of an image to a host at a time. */
  readonly #underWay = new Map<string, Promise<string>>();

  /** Until when a reference is not asked for in its registry again: a screen may ask every second. */
  readonly #notPullable = new Map<string, number>();
  readonly #nowMs: () => number;

  constructor(links: AgentLinks, transfers: Transfers, nowMs: () => number) {
    this.#links = links;
    this.#transfers = transfers;
    this.#nowMs = nowMs;
  }

  /** What a reference means now: on any connected host, else by pulling it to one. Null: nowhere to be had. */
  async resolve(reference: string): Promise<ImageView | null> {
    for (const host of this.#links.hosts()) {
      const image = await this.#links.agent(host).inspectImage(reference).catch(notThere);
      if (image !== null) return image;
    }
    const first = this.#links.hosts()[0];
    if (first === undefined || this.#nowMs() < (this.#notPullable.get(reference) ?? 0)) return null;
    const pulled = await this.#links.agent(first).pullImage(reference).catch(notThere);
    if (pulled === null) this.#notPullable.set(reference, this.#nowMs() + PULL_AGAIN_AFTER_MS);
    return pulled;
  }

  /** @returns where it came from, as a sentence. @throws AgentError */
  ensure(host: string, reference: string, id: string): Promise<string> {
    const key = `${host} ${id} ${reference}`;
    const running = this.#underWay.get(key);
    if (running !== undefined) return running;
    const copy = this.#ensure(host, reference, id).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, copy);
    return copy;
  }

  async #ensure(host: string, reference: string, id: string): Promise<string> {
    const target = this.#links.agent(host);
    if (await has(target, reference, id)) return `It stood on ${host} already.`;
    for (const other of this.#links.hosts().filter((name) => name !== host)) {
      const source = this.#links.agent(other);
      if (!(await has(source, reference, id).catch(() => false))) continue;
      const transfer = randomBytes(24).toString("base64url");
      this.#transfers.open(transfer);
      try {
        const [sent] = await Promise.all([
          source.sendImage(transfer, id, reference),
          target.receiveImage(transfer, id, reference),
        ]);
        return `Copied from ${other} to ${host}, ${Math.round(sent.bytes / 1_000_000)} MB.`;
      } finally {
        this.#transfers.close(transfer);
      }
    }
    const pulled = await target.pullImage(reference);
    if (pulled.id !== id) {
      throw new AgentError(
        "IMAGE_MISMATCH",
        `${reference} in its registry is ${pulled.id}, the release is ${id}: plan the rollout again.`,
      );
    }
    return `Pulled to ${host}.`;
  }
}

async function has(agent: Agent, reference: string, id: string): Promise<boolean> {
  return (await agent.inspectImage(reference))?.id === id;
}

function notThere(error: unknown): null {
  if (error instanceof AgentError) return null;
  throw error;
}
