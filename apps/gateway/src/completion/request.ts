import { jsonObject } from "../channel/channel.ts";
import type { CallerMessage } from "../inbox/event.ts";
import { optionsOf } from "./options.ts";
import type { ApiRefusal } from "./refusal.ts";

const USER_CHARACTERS_MAX = 256;
const MODEL_CHARACTERS_MAX = 256;
/** Deeper nesting is no request but an attack on whoever writes it out again. */
const DEPTH_MAX = 64;

const ROLES = ["system", "developer", "user", "assistant"];
/** Parts of a message that are passed on as they are. */
const PARTS = ["text", "image_url", "file", "refusal"];

/** A request for a completion, understood. */
export interface Asked {
  /** As the caller called it; null: not named. */
  readonly model: string | null;
  readonly user: string | null;
  /** Of the last user message. */
  readonly text: string;
  readonly messages: readonly CallerMessage[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

export type Parsed =
  | { readonly ok: true; readonly asked: Asked }
  | { readonly ok: false; readonly refusal: ApiRefusal };

/** A body of `POST /v1/chat/completions`. Any bytes are taken; never throws. */
export function parseCompletion(bytes: Buffer): Parsed {
  const body = jsonObject(bytes);
  if (body === null) return invalid("The body must be a JSON object.");
  if (isDeeperThan(body, DEPTH_MAX)) {
    return invalid(`It is nested more than ${DEPTH_MAX} levels deep.`);
  }
  const { model = null, user = null, stream = null, stream_options: streaming = null } = body;
  if (model !== null && !isTextUpTo(model, MODEL_CHARACTERS_MAX)) {
    return invalid(`\`model\` must be a text of at most ${MODEL_CHARACTERS_MAX}.`, "model");
  }
  if (user !== null && !isTextUpTo(user, USER_CHARACTERS_MAX)) {
    return invalid(`\`user\` must be a text of at most ${USER_CHARACTERS_MAX}.`, "user");
  }
  if (stream !== null && typeof stream !== "boolean") {
    return invalid("`stream` must be true or false.", "stream");
  }
  const options = optionsOf(body);
  if (!options.ok) {
    const { param, must } = options;
    return must === null ? unsupported(param) : invalid(`\`${param}\` must be ${must}.`, param);
  }
  const { messages } = body;
  const wrong = wrongMessages(messages);
  if (wrong !== null) return wrong;
  const last = (messages as CallerMessage[]).findLast(({ role }) => role === "user");
  if (last === undefined) return invalid("`messages` needs a user's message.", "messages");
  return {
    ok: true,
    asked: {
      model: model === "" ? null : model,
      user: user === "" ? null : (user?.toWellFormed() ?? null),
      text: textOf(last.content),
      messages: messages as CallerMessage[],
      options: options.options,
      stream: stream === true,
      includeUsage: (streaming as { include_usage?: unknown } | null)?.include_usage === true,
    },
  };
}

function wrongMessages(messages: unknown): Parsed | null {
  if (!Array.isArray(messages) || messages.length === 0) {
    return invalid("`messages` must be a list of at least one message.", "messages");
  }
  for (const [n, message] of messages.entries()) {
    const at = `messages[${n}]`;
    if (!isRecord(message)) return invalid(`\`${at}\` must be an object.`, at);
    const { role, content } = message;
    if (role === "tool" || role === "function") return unsupported(`${at}.role`);
    if (typeof role !== "string" || !ROLES.includes(role)) {
      return invalid(`\`${at}.role\` must be one of ${ROLES.join(", ")}.`, `${at}.role`);
    }
    for (const call of ["tool_calls", "function_call", "audio"]) {
      const value = message[call] ?? null;
      const isEmpty = Array.isArray(value) && value.length === 0;
      if (value !== null && !isEmpty) return unsupported(`${at}.${call}`);
    }
    if (typeof content === "string") continue;
    if (!Array.isArray(content) || content.length === 0) {
      return invalid(`\`${at}.content\` must be a text or a list of parts.`, `${at}.content`);
    }
    for (const [m, part] of content.entries()) {
      const wrong = wrongPart(part, `${at}.content[${m}]`);
      if (wrong !== null) return wrong;
    }
  }
  return null;
}

function wrongPart(part: unknown, at: string): Parsed | null {
  if (!isRecord(part) || typeof part["type"] !== "string") {
    return invalid(`\`${at}\` must be an object with a type.`, at);
  }
  if (!PARTS.includes(part["type"])) return unsupported(`${at}.type`);
  if (part["type"] === "text" && typeof part["text"] !== "string") {
    return invalid(`\`${at}.text\` must be a text.`, `${at}.text`);
  }
  return null;
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content.toWellFormed();
  const parts = content as { type: string; text?: string }[];
  const texts = parts.flatMap(({ type, text }) => (type === "text" ? [text] : []));
  return texts.join("\n").toWellFormed();
}

/** Without recursion: what is being asked is whether recursion would be safe. */
function isDeeperThan(value: unknown, depthMax: number): boolean {
  let level: object[] = typeof value === "object" && value !== null ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > depthMax) return true;
    const next: object[] = [];
    for (const each of level) {
      for (const inner of Object.values(each)) {
        if (typeof inner === "object" && inner !== null) next.push(inner);
      }
    }
    level = next;
  }
  return false;
}

function isTextUpTo(value: unknown, max: number): value is string {
  return typeof value === "string" && value.length <= max;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(detail: string, param?: string): Parsed {
  const code = "body-invalid" as const;
  return { ok: false, refusal: param === undefined ? { code, detail } : { code, detail, param } };
}

function unsupported(param: string): Parsed {
  const detail = `Leave out \`${param}\`.`;
  return { ok: false, refusal: { code: "parameter-unsupported", detail, param } };
}
