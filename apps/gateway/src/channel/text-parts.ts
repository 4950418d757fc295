/**
 * Long answers in pieces that a vendor takes. Limits are counted in UTF-16 units: Telegram says so, the others say
 * "characters" without saying which, and whatever they count (code points, graphemes) there are never more of them.
 */
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** So far behind a cut is looked for the end of the character it falls into. */
const GRAPHEME_UNITS = 64;

/**
 * `text` in pieces of at most `unitsMax` (2 or more), in order: cut at a line's or a word's end where there is one in
 * the second half, never within a character as readers see it (an emoji family, a letter with its accents), unless
 * that alone is too long. Blank pieces are left out: no vendor takes them.
 */
export function partsOf(text: string, unitsMax: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > unitsMax) {
    const at = cutOf(rest, unitsMax);
    parts.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  parts.push(rest);
  return parts.filter((part) => part.trim() !== "");
}

function cutOf(text: string, unitsMax: number): number {
  const window = text.slice(0, unitsMax);
  const space = Math.max(window.lastIndexOf("\n"), window.lastIndexOf(" "));
  const wanted = space > unitsMax / 2 ? space + 1 : unitsMax;
  const around = graphemes.segment(text.slice(0, wanted + GRAPHEME_UNITS)).containing(wanted);
  if (around !== undefined && around.index > 0) return around.index;
  const split = /[\ud800-\udbff]$/.test(window) && /^[\udc00-\udfff]/.test(text.slice(unitsMax));
  return split ? unitsMax - 1 : unitsMax;
}
