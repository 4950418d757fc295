/** Pure: two texts, line by line. */
export interface DifferenceLine {
  kind: "same" | "added" | "removed";
  /** Its number in the text before, and after; null: it is not in it. */
  before: number | null;
  after: number | null;
  text: string;
}

/** Beyond this the middle is shown as replaced whole: it is exact for any text a person edits. */
const CELLS_MAX = 4_000_000;

/** The fewest lines removed and added. */
export function lineDifference(before: string, after: string): DifferenceLine[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail += 1;
  const lines: DifferenceLine[] = [];
  const same = (i: number, j: number) =>
    lines.push({ kind: "same", before: i + 1, after: j + 1, text: old[i]! });
  for (let i = 0; i < head; i++) same(i, i);
  middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail), {
    same: (i, j) => same(head + i, head + j),
    removed: (i) =>
      lines.push({ kind: "removed", before: head + i + 1, after: null, text: old[head + i]! }),
    added: (j) =>
      lines.push({ kind: "added", before: null, after: head + j + 1, text: now[head + j]! }),
  });
  for (let i = tail; i > 0; i--) same(old.length - i, now.length - i);
  return lines;
}

interface Say {
  same: (i: number, j: number) => void;
  removed: (i: number) => void;
  added: (j: number) => void;
}

/** Longest common subsequence, read off from the front. */
function middle(old: readonly string[], now: readonly string[], say: Say): void {
  const width = now.length + 1;
  const known = old.length * now.length <= CELLS_MAX;
  const longest = new Uint32Array(known ? (old.length + 1) * width : 0);
  if (known) {
    for (let i = old.length - 1; i >= 0; i--) {
      for (let j = now.length - 1; j >= 0; j--) {
        longest[i * width + j] =
          old[i] === now[j]
            ? longest[(i + 1) * width + j + 1]! + 1
            : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
      }
    }
  }
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (known && i < old.length && j < now.length && old[i] === now[j]) say.same(i++, j++);
    else if (
      i < old.length &&
      (j === now.length || !known || longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)
    )
      say.removed(i++);
    else say.added(j++);
  }
}

/** Changed lines with what stands around them; null: lines left out. */
export function withContext(
  lines: readonly DifferenceLine[],
  around: number,
): (DifferenceLine | null)[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ kind }) => kind !== "same"),
  );
  const shown: (DifferenceLine | null)[] = [];
  lines.forEach((line, at) => {
    if (near[at]) shown.push(line);
    else if (at > 0 && near[at - 1] && near.indexOf(true, at) >= 0) shown.push(null);
  });
  return shown;
}

/** How many lines are new or gone: "2 lines added, 1 removed". */
export function differenceInWords(lines: readonly DifferenceLine[]): string {
  const n = (kind: DifferenceLine["kind"]) => lines.filter((line) => line.kind === kind).length;
  const [added, removed] = [n("added"), n("removed")];
  if (added + removed === 0) return "Nothing differs";
  return [
    added > 0 && `${added} ${added === 1 ? "line" : "lines"} added`,
    removed > 0 && `${removed} ${removed === 1 ? "line" : "lines"} removed`,
  ]
    .filter(Boolean)
    .join(", ");
}
