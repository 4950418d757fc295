/** Log lines to read for them: behind what a crash says stands its stack, two dozen lines of it. */
export const LOG_LINES = 60;
const SAID_MAX = 3;
/** pino's number for an error. */
const LEVEL_ERROR = 50;
/** Stacks, what V8 and Node print around them, and rules: they say where, not what. And Node's own warnings. */
const AROUND_A_CRASH =
  /^\s+at |^\s*\d+: 0x|\[\d+:0x[0-9a-f]+\]|^<--- .* --->$|^-----|^Node\.js v\d|^\s*\^|^(file|node):\S+:\d+$|^\((node:\d+\)|Use `node )/;

/**
 * What a container's last log lines say, for an outcome sentence: the message of a JSON line, another line as it
 * stands without a crash's stack, each once (one that dies at every start says the same each time). What is no error
 * counts only where nothing else was said: after a crash comes the next start's own chatter. Empty where nothing
 * was said. Pure.
 */
export function lastWordsOf(lines: readonly string[]): string {
  const telling = lines
    .filter((line) => line.trim() !== "" && !AROUND_A_CRASH.test(line))
    .map(wordOf);
  const grave = telling.filter((word) => word.grave);
  const said = new Set((grave.length > 0 ? grave : telling).map(({ text }) => text));
  const last = [...said].slice(-SAID_MAX);
  return last.length === 0 ? "" : ` Its last words: ${last.map((text) => `“${text}”`).join(" ")}`;
}

/** A line that is not JSON comes from Node itself or from a last cry past the log: nobody prints one for nothing. */
function wordOf(line: string): { text: string; grave: boolean } {
  if (!line.startsWith("{")) return { text: line.trim(), grave: true };
  try {
    const { msg, level } = JSON.parse(line) as { msg?: unknown; level?: unknown };
    if (typeof msg !== "string") return { text: line, grave: true };
    return { text: msg, grave: typeof level === "number" && level >= LEVEL_ERROR };
  } catch {
    return { text: line, grave: true };
  }
}
