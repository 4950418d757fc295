export interface ServerSentEvent {
  /** Null: it has none. */
  id: string | null;
  data: string;
}

/** Longest line that is kept while its end has not come; a fleet's snapshot is far below. */
const LINE_CHARS_MAX = 32 * 1024 * 1024;

/**
 * Text that arrives in pieces, as server-sent events: a blank line ends one, comments (the pings) are dropped.
 * @throws Error where a line does not end.
 */
export async function* serverSentEvents(
  pieces: AsyncIterable<string>,
): AsyncGenerator<ServerSentEvent> {
  let rest = "";
  let id: string | null = null;
  let data: string[] = [];
  for await (const piece of pieces) {
    const lines = (rest + piece).split(/\r\n|\n/);
    rest = lines.pop()!;
    if (rest.length > LINE_CHARS_MAX) throw new Error("The console's stream does not end a line.");
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { id, data: data.join("\n") };
        id = null;
        data = [];
      } else if (line.startsWith("id:")) id = after(line);
      else if (line.startsWith("data:")) data.push(after(line));
    }
  }
}

const after = (line: string): string => line.slice(line.indexOf(":") + 1).replace(/^ /, "");
