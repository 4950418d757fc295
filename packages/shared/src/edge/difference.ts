const CONTEXT_LINES = 3;

type Line = { kind: " " | "-" | "+"; text: string };

/**
 * Unified difference of two texts (as `diff -u` writes it, without file names), "" when they are equal.
 * Quadratic in the lines: for configurations, not for logs.
 */
export function difference(before: string, after: string): string {
  if (before === after) return "";
  const lines = compare(split(before), split(after));
  const shown = lines.map((_, index) =>
    lines
      .slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1)
      .some((line) => line.kind !== " "),
  );
  const out: string[] = [];
  let [oldLine, newLine] = [1, 1];
  for (let at = 0; at < lines.length; ) {
    let end = at;
    while (end < lines.length && shown[end]) end++;
    if (end > at) {
      const hunk = lines.slice(at, end);
      const oldCount = hunk.filter((line) => line.kind !== "+").length;
      const newCount = hunk.filter((line) => line.kind !== "-").length;
      out.push(`@@ -${range(oldLine, oldCount)} +${range(newLine, newCount)} @@`);
      out.push(...hunk.map((line) => line.kind + line.text));
      oldLine += oldCount;
      newLine += newCount;
      at = end;
    } else {
      // Unchanged and far from any change: counted, not shown.
      oldLine++;
      newLine++;
      at++;
    }
  }
  return `${out.join("\n")}\n`;
}

/** Longest common subsequence, from the end, so that walking forward yields the lines in order. */
function compare(before: string[], after: string[]): Line[] {
  const width = after.length + 1;
  const longest = new Uint32Array((before.length + 1) * width);
  const length = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        before[i] === after[j]
          ? length(i + 1, j + 1) + 1
          : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      lines.push({ kind: " ", text: old });
      i++;
      j++;
    } else if (old !== undefined && (fresh === undefined || length(i + 1, j) >= length(i, j + 1))) {
      lines.push({ kind: "-", text: old });
      i++;
    } else if (fresh !== undefined) {
      lines.push({ kind: "+", text: fresh });
      j++;
    }
  }
  return lines;
}

const split = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
const range = (start: number, count: number): string =>
  `${count === 0 ? start - 1 : start}${count === 1 ? "" : `,${count}`}`;
