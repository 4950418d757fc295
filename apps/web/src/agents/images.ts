import { randomBytes } from "node:crypto";
import type { ImageView } from "@chela/shared/agent-link/schema";
import { type Agent, AgentError } from "./agent.ts";
import type { AgentLinks } from "./links.ts";
import type { Transfers } from "./transfers.ts";

const PULL_AGAIN_AFTER_MS = 15_000;

export interface ImagesDeps {
  links: AgentLinks;
  transfers: Transfers;
  /** Agents of the console's other fleets: a new fleet's first image comes from them. */
  elsewhere(): Agent[];
  nowMs(): number;
}

/** Brings images to the hosts that need them: what stands there, else from another host, else pulled. */
export class Images {
  readonly #deps: ImagesDeps;
  /** One copy of an image to a host at a time. */
  readonly #underWay = new Map<string, Promise<string>>();
  /** Until when a reference is not asked for in its registry again: a screen may ask every second. */
  readonly #notPullable = new Map<string, number>();

  constructor(deps: ImagesDeps) {
    this.#deps = deps;
  }

  /** What a reference means now: on any connected host, else by pulling it to one. Null: nowhere to be had. */
  async resolve(reference: string): Promise<ImageView | null> {
    for (const agent of this.#agents()) {
      const image = await agent.inspectImage(reference).catch(notThere);
      if (image !== null) return image;
    }
    const { links, nowMs } = this.#deps;
    const first = links.hosts()[0];
    if (first === undefined || nowMs() < (this.#notPullable.get(reference) ?? 0)) return null;
    const pulled = await links.agent(first).pullImage(reference).catch(notThere);
    if (pulled === null) this.#notPullable.set(reference, nowMs() + PULL_AGAIN_AFTER_MS);
    return pulled;
  }

  /** A connected agent whose engine has exactly this image; null: none. */
  async holder(reference: string, id: string): Promise<Agent | null> {
    for (const agent of this.#agents()) {
      if (await has(agent, reference, id).catch(() => false)) return agent;
    }
    return null;
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
    const { links, transfers } = this.#deps;
    const target = links.agent(host);
    if (await has(target, reference, id)) return `It stood on ${host} already.`;
    if ((await target.inspectImage(id)) !== null) {
      // Its tag was given to another image since, as by building it anew; what a release names is the image.
      await target.receiveImage(randomBytes(24).toString("base64url"), id, reference);
      return `It stood on ${host} already, and has its tag ${reference} again.`;
    }
    const source = await this.holder(reference, id);
    if (source !== null) {
      const transfer = randomBytes(24).toString("base64url");
      transfers.open(transfer);
      try {
        const [sent] = await Promise.all([
          source.sendImage(transfer, id, reference),
          target.receiveImage(transfer, id, reference),
        ]);
        return `Copied from ${source.host} to ${host}, ${Math.round(sent.bytes / 1_000_000)} MB.`;
      } finally {
        transfers.close(transfer);
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

  /** Of this fleet first. */
  #agents(): Agent[] {
    const { links, elsewhere } = this.#deps;
    return [...links.hosts().map((host) => links.agent(host)), ...elsewhere()];
  }
}

async function has(agent: Agent, reference: string, id: string): Promise<boolean> {
  return (await agent.inspectImage(reference))?.id === id;
}

function notThere(error: unknown): null {
  if (error instanceof AgentError) return null;
  throw error;
}
