import type { Answer, Ending } from "../assistant.ts";

const TEXT_MAX = 1_048_576;

/** OpenAI's answer as it comes: chunks of a stream, or one whole `chat.completion`. Any JSON is taken; never throws. */
export class AnswerInTheMaking {
  #text = "";
  /** The first half of a character that a chunk ended in. */
  #half = "";
  #finish: string | null = null;
  #usage: Ending["usage"] = null;
  #error: string | null = null;

  /** Takes a chunk; answers the text that it adds. */
  take(chunk: unknown): string {
    const { choices, error, usage } = asRecord(chunk);
    if (error !== undefined && error !== null) this.#error = "said that it failed";
    if (typeof usage === "object" && usage !== null) this.#usage = usage as Ending["usage"];
    const choice = asRecord(Array.isArray(choices) ? choices[0] : undefined);
    if (typeof choice["finish_reason"] === "string") this.#finish = choice["finish_reason"];
    const said = asRecord(choice["delta"] ?? choice["message"]);
    return this.#add(typeof said["content"] === "string" ? said["content"] : said["refusal"]);
  }

  /** It said itself that the answer is whole. */
  get finished(): boolean {
    return this.#finish !== null;
  }

  get error(): string | null {
    return this.#error;
  }

  get tooLong(): boolean {
    return this.#text.length > TEXT_MAX;
  }

  /** Text came: whoever watches has seen it. */
  get begun(): boolean {
    return this.#text !== "";
  }

  /** The whole answer, once nothing more comes. `emptyMayBe`: the caller asked for what came of it, be it nothing. */
  whole(emptyMayBe: boolean): Answer {
    const text = this.#text + this.#half.toWellFormed();
    const ending = { finish: this.#finish ?? "stop", usage: this.#usage };
    if (text !== "" || (emptyMayBe && this.finished)) return { kind: "reply", text, ending };
    if (this.#finish === "content_filter") {
      return { kind: "refused", text: "Sorry, the assistant may not answer this message." };
    }
    return { kind: "failed", reason: "its answer holds no text" };
  }

  #add(piece: unknown): string {
    if (typeof piece !== "string") return "";
    const all = this.#half + piece;
    this.#half = /[\ud800-\udbff]$/.test(all) ? all.slice(-1) : "";
    // As it is stored: else what was shown on the way would differ from it.
    const text = all.slice(0, all.length - this.#half.length).toWellFormed();
    this.#text += text;
    return text;
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
