/** One thing wrong with a configuration. Never holds a value, only where it stands and what to do. */
export interface Fault {
  /** `gateway.session.redis.port`, or `secrets line 3`. */
  readonly path: string;
  readonly message: string;
}

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/;

/**
 * Reads a secrets file: `NAME=value` lines, `#` comments, empty lines, optional quotes around a value.
 * A faulty line is named by its number only, since what stands in it may be a secret.
 */
export function parseSecrets(text: string): { values: Record<string, string>; faults: Fault[] } {
  const values: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const match = LINE.exec(line);
    if (match === null) {
      faults.push({ path: `secrets line ${index + 1}`, message: "is not NAME=value" });
      continue;
    }
    values[match[1]!] = unquoted(match[2]!);
  }
  return { values, faults };
}

function unquoted(value: string): string {
  const quote = value[0];
  const quoted = value.length >= 2 && (quote === '"' || quote === "'") && value.endsWith(quote);
  return quoted ? value.slice(1, -1) : value;
}
