/**
 * Pure: reads plain TypeScript declarations (interfaces, unions, lists, records) as JSON schemas. The API's answers
 * are declared once, as types; described from their own text they cannot drift from it. What a type says beyond plain
 * data is refused with its name.
 */
export interface Declaration {
  name: string;
  parameters: string[];
  /** Names of what it extends. */
  bases: string[];
  body: Type;
  note: string | null;
}

export type Type =
  | { kind: "literal"; value: string | number }
  | { kind: "name"; name: string; of: Type[] }
  | { kind: "list"; of: Type }
  | { kind: "member"; of: Type; key: string }
  | { kind: "any"; of: Type[] }
  | { kind: "all"; of: Type[] }
  | { kind: "object"; members: Member[] };

export interface Member {
  name: string;
  optional: boolean;
  type: Type;
  note: string | null;
}

const TOKEN =
  /\/\*\*([\s\S]*?)\*\/|\/\*[\s\S]*?\*\/|\/\/.*|"((?:[^"\\]|\\.)*)"|[A-Za-z_$][\w$]*|\d+(?:\.\d+)?|=>|[^\s]/g;

interface Token {
  text: string;
  /** The comment right before it. */
  note: string | null;
}

/** Interfaces and type aliases at the top level of a file; everything else is passed over. */
export function declarationsIn(source: string): Declaration[] {
  return new Reader(tokensOf(source)).all();
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let note: string | null = null;
  for (const match of source.matchAll(TOKEN)) {
    if (match[1] !== undefined) note = proseOf(match[1]);
    else if (!match[0].startsWith("//") && !match[0].startsWith("/*")) {
      tokens.push({ text: match[0], note });
      note = null;
    }
  }
  return tokens;
}

const proseOf = (comment: string) =>
  comment
    .split("\n")
    .map((line) => line.replace(/^\s*\*?\s*/, "").trim())
    .filter(Boolean)
    .join(" ");

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  all(): Declaration[] {
    const found: Declaration[] = [];
    let depth = 0;
    while (this.#at < this.#tokens.length) {
      const { text } = this.#tokens[this.#at]!;
      const named = /^[A-Za-z_$]/.test(this.#tokens[this.#at + 1]?.text ?? "");
      if (depth === 0 && named && (text === "interface" || text === "type")) {
        const declared = this.#declaration(text);
        if (declared !== null) found.push(declared);
        continue;
      }
      if (text === "{" || text === "(") depth++;
      if (text === "}" || text === ")") depth--;
      this.#at++;
    }
    return found;
  }

  #declaration(kind: "interface" | "type"): Declaration | null {
    const start = this.#at;
    const before = this.#tokens[start - 1];
    const note = this.#tokens[start]!.note ?? (before?.text === "export" ? before.note : null);
    this.#at++;
    const name = this.#next();
    const parameters: string[] = [];
    if (this.#take("<")) {
      do parameters.push(this.#next());
      while (this.#take(","));
      // Bounds and defaults are for the compiler's own types, which no answer uses.
      if (!this.#take(">")) return this.#passOver(kind, start);
    }
    const bases: string[] = [];
    if (this.#take("extends")) {
      do bases.push(this.#next());
      while (this.#take(","));
    }
    if (kind === "type") this.#expect("=");
    try {
      const body = this.#type();
      return { name, parameters, bases, body, note };
    } catch (error) {
      if (!(error instanceof NotPlain)) throw error;
      return this.#passOver(kind, start);
    }
  }

  /** From a declaration's start to its end, where it is no plain data. */
  #passOver(kind: "interface" | "type", start: number): null {
    this.#at = start;
    for (let depth = 0; this.#at < this.#tokens.length; ) {
      const text = this.#next();
      if (text === "{" || text === "(" || text === "[") depth++;
      if (text === "}" || text === ")" || text === "]") depth--;
      if (depth === 0 && text === (kind === "interface" ? "}" : ";")) break;
    }
    return null;
  }

  #type(): Type {
    this.#take("|");
    const any = [this.#intersection()];
    while (this.#take("|")) any.push(this.#intersection());
    if (["?", "=>", "extends", "is"].includes(this.#peek())) throw new NotPlain(this.#peek());
    return any.length === 1 ? any[0]! : { kind: "any", of: any };
  }

  #intersection(): Type {
    const all = [this.#postfix()];
    while (this.#take("&")) all.push(this.#postfix());
    return all.length === 1 ? all[0]! : { kind: "all", of: all };
  }

  #postfix(): Type {
    let type = this.#primary();
    while (this.#take("[")) {
      if (this.#take("]")) type = { kind: "list", of: type };
      else {
        const key = this.#next();
        if (!key.startsWith('"')) throw new NotPlain(key);
        type = { kind: "member", of: type, key: JSON.parse(key) as string };
        this.#expect("]");
      }
    }
    return type;
  }

  #primary(): Type {
    this.#take("readonly");
    const text = this.#next();
    if (text === "{") return this.#object();
    if (text === "(") {
      const type = this.#type();
      this.#expect(")");
      return type;
    }
    if (text.startsWith('"') || /^\d/.test(text))
      return { kind: "literal", value: JSON.parse(text) };
    if (!/^[A-Za-z_$]/.test(text) || ["typeof", "keyof", "infer"].includes(text)) {
      throw new NotPlain(text);
    }
    const of: Type[] = [];
    if (this.#take("<")) {
      do of.push(this.#type());
      while (this.#take(","));
      this.#expect(">");
    }
    return { kind: "name", name: text, of };
  }

  #object(): Type {
    const members: Member[] = [];
    while (!this.#take("}")) {
      const { note } = this.#tokens[this.#at]!;
      this.#take("readonly");
      const name = this.#next();
      if (name === "[") throw new NotPlain("[");
      const optional = this.#take("?");
      this.#expect(":");
      const type = this.#type();
      members.push({ name: name.startsWith('"') ? JSON.parse(name) : name, optional, type, note });
      if (!this.#take(";")) this.#take(",");
    }
    return { kind: "object", members };
  }

  #peek(): string {
    return this.#tokens[this.#at]?.text ?? "";
  }

  #next(): string {
    return this.#tokens[this.#at++]?.text ?? "";
  }

  #take(text: string): boolean {
    if (this.#peek() !== text) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new NotPlain(this.#peek());
  }
}

/** Something that a JSON answer cannot be. */
class NotPlain extends Error {}
