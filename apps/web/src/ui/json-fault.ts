/** Pure: where a text stops being JSON. Browsers say it each in its own way, some without a place. */
export interface JsonFault {
  /** From 1. */
  line: number;
  column: number;
  sentence: string;
}

class Unexpected extends Error {
  readonly at: number;

  constructor(at: number, wanted: string) {
    super(wanted);
    this.at = at;
  }
}

/** The first fault; null: it is JSON. */
export function jsonFault(text: string): JsonFault | null {
  try {
    const end = afterValue(text, afterSpace(text, 0), 0);
    const rest = afterSpace(text, end);
    if (rest < text.length) throw new Unexpected(rest, "nothing more");
    return null;
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    const before = text.slice(0, error.at);
    const line = before.split("\n").length;
    const column = error.at - before.lastIndexOf("\n");
    const found = error.at < text.length ? `not ${nameOf(text[error.at]!)}` : "but it ends";
    return { line, column, sentence: `Line ${line}: ${error.message} is due, ${found}.` };
  }
}

const DEPTH_MAX = 500;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Any character but a quote, a backslash or a control one; or an escape. */
const STRING_BODY = /(?:[^"\\\p{Cc}]|\x7f|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/uy;

function afterValue(text: string, at: number, depth: number): number {
  if (depth > DEPTH_MAX) throw new Unexpected(at, "less nesting");
  const first = text[at];
  if (first === "{") return afterMembers(text, at, depth);
  if (first === "[") return afterList(text, at, depth);
  if (first === '"') return afterString(text, at);
  for (const word of ["true", "false", "null"]) {
    if (text.startsWith(word, at)) return at + word.length;
  }
  return matched(NUMBER, text, at) ?? fail(at, "a value");
}

function afterMembers(text: string, open: number, depth: number): number {
  let at = afterSpace(text, open + 1);
  if (text[at] === "}") return at + 1;
  for (;;) {
    if (text[at] !== '"') fail(at, "a name in quotes");
    at = afterSpace(text, afterString(text, at));
    if (text[at] !== ":") fail(at, "a colon");
    at = afterSpace(text, afterValue(text, afterSpace(text, at + 1), depth + 1));
    if (text[at] === "}") return at + 1;
    if (text[at] !== ",") fail(at, "a comma or }");
    at = afterSpace(text, at + 1);
  }
}

function afterList(text: string, open: number, depth: number): number {
  let at = afterSpace(text, open + 1);
  if (text[at] === "]") return at + 1;
  for (;;) {
    at = afterSpace(text, afterValue(text, at, depth + 1));
    if (text[at] === "]") return at + 1;
    if (text[at] !== ",") fail(at, "a comma or ]");
    at = afterSpace(text, at + 1);
  }
}

function afterString(text: string, open: number): number {
  const end = matched(STRING_BODY, text, open + 1) ?? open + 1;
  return text[end] === '"' ? end + 1 : fail(end, "a closing quote or a valid character");
}

function afterSpace(text: string, at: number): number {
  let next = at;
  while (" \t\n\r".includes(text[next] ?? "x")) next += 1;
  return next;
}

function matched(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

function fail(at: number, wanted: string): never {
  throw new Unexpected(at, wanted);
}

const nameOf = (character: string): string =>
  character === "\n" ? "the end of the line" : character;
