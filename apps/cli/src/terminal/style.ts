export type Tone = "good" | "warning" | "bad" | "quiet" | "strong";

/** How something is said to be good or bad, beside its words. */
export type Style = (tone: Tone, text: string) => string;

const CODES: Record<Tone, readonly [number, number]> = {
  good: [32, 39],
  warning: [33, 39],
  bad: [31, 39],
  quiet: [2, 22],
  strong: [1, 22],
};

export const coloured: Style = (tone, text) =>
  `\u001b[${CODES[tone][0]}m${text}\u001b[${CODES[tone][1]}m`;
export const plain: Style = (_, text) => text;
