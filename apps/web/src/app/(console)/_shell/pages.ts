import type { IconName } from "../../../ui/icon.tsx";

/** The pages that there are: side navigation, tab bar, palette and keys all read this. */
export interface PageEntry {
  href: string;
  word: string;
  icon: IconName;
  group: "Fleet" | "Infrastructure" | "Record" | "Console";
  /** After G. */
  key: string;
}

export const PAGES: readonly PageEntry[] = [
  { href: "/", word: "Overview", icon: "overview", group: "Fleet", key: "O" },
  { href: "/sessions", word: "Sessions", icon: "sessions", group: "Fleet", key: "S" },
  { href: "/rollouts", word: "Rollouts", icon: "rollouts", group: "Fleet", key: "R" },
  { href: "/hosts", word: "Hosts", icon: "hosts", group: "Infrastructure", key: "H" },
  { href: "/activity", word: "Activity", icon: "activity", group: "Record", key: "A" },
  { href: "/settings", word: "Settings", icon: "user", group: "Console", key: "T" },
];

export const isCurrent = (page: PageEntry, path: string): boolean =>
  page.href === "/" ? path === "/" : path === page.href || path.startsWith(`${page.href}/`);

/** Parts of an address that are no names. */
const WORDS: Readonly<Record<string, string>> = {
  new: "New",
  account: "My account",
  spec: "Fleet spec",
  users: "Users",
  tokens: "API tokens",
};

/** Where one is, under the fleet's name. */
export function crumbsOf(path: string): { word: string; href: string | null }[] {
  const page = PAGES.find((each) => isCurrent(each, path));
  if (page === undefined) return [];
  const rest = path.slice(page.href.length).split("/").filter(Boolean);
  if (page.href === "/" || rest.length === 0) return [{ word: page.word, href: null }];
  const last = WORDS[rest.join("/")] ?? decodeURIComponent(rest.join("/"));
  return [
    { word: page.word, href: page.href },
    { word: last.length > 16 ? `${last.slice(0, 8)}…` : last, href: null },
  ];
}
