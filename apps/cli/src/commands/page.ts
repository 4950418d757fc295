import type { Page } from "@chela/shared/fleet/view";

/** Pure: the lines of a list, and how to go on where there is more. */
export const pageLines = ({ items, nextCursor }: Page<unknown>, lines: string[]): string[] => [
  ...(items.length === 0 ? ["None."] : lines),
  ...(nextCursor === null ? [] : [`There is more: --cursor ${nextCursor}`]),
];
