const SAID_MAX = 3;

/**
 * What a container's last log lines say, for an outcome sentence: the message of a JSON line, another line as it
 * stands, each once (one that dies at every start says the same each time). Empty where nothing was said. Pure.
 */
export function lastWordsOf(lines: readonly string[]): string {
  const said = [...new Set(lines.map(messageOf))].slice(-SAID_MAX);
  return said.length === 0 ? "" : ` Its last words: ${said.map((text) => `“${text}”`).join(" ")}`;
}

function messageOf(line: string): string {
  if (!line.startsWith("{")) return line.trim();
  try {
    const { msg } = JSON.parse(line) as { msg?: unknown };
    return typeof msg === "string" ? msg : line;
  } catch {
    return line;
  }
}
