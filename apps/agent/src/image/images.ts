import type { ImageView } from "@chela/shared/agent-link/schema";
import type { Engine } from "../docker/port.ts";
import { AgentFault } from "../fault.ts";
import type { ConsoleTransfer } from "./transfer.ts";

/** The console's commands about images: what is here, and how more gets here. */
export class Images {
  readonly #engine: Engine;
  readonly #transfer: ConsoleTransfer;

  constructor(engine: Engine, transfer: ConsoleTransfer) {
    this.#engine = engine;
    this.#transfer = transfer;
  }

  list(repository: string): Promise<ImageView[]> {
    return this.#engine.images(repository);
  }

  inspect(reference: string): Promise<ImageView | null> {
    return this.#engine.image(reference);
  }

  async pull(reference: string): Promise<ImageView> {
    await this.#engine.pull(reference);
    return this.#present(reference);
  }

  async send(id: string, reference: string, transfer: string): Promise<{ bytes: number }> {
    const image = await this.#present(reference);
    if (image.id !== id) throw mismatch(reference, image.id, id);
    // Saved by its tag, so that it arrives with it.
    const archive = await this.#engine.save(reference);
    return { bytes: await this.#transfer.put(transfer, archive) };
  }

  async receive(transfer: string, id: string, reference: string): Promise<ImageView> {
    const before = await this.#engine.image(reference);
    if (before?.id === id) return before;
    if ((await this.#engine.image(id)) === null) {
      await this.#engine.load(await this.#transfer.get(transfer));
    }
    if ((await this.#engine.image(id)) === null) {
      throw new AgentFault("TRANSFER_FAILED", `What arrived is not ${reference} (${id}).`);
    }
    await this.#engine.tag(id, reference);
    return this.#present(reference);
  }

  async #present(reference: string): Promise<ImageView> {
    const image = await this.#engine.image(reference);
    if (image !== null) return image;
    throw new AgentFault("IMAGE_MISSING", `${reference} is not on this host.`);
  }
}

function mismatch(reference: string, is: string, wanted: string): AgentFault {
  return new AgentFault("IMAGE_MISMATCH", `${reference} is ${is} on this host, not ${wanted}.`);
}
