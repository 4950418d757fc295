import { EVERY_FLEET, type Roles, type ViewerRole } from "@chela/shared/access/roles";

/** Pure: people and their browsers in words. */
export const ROLE_WORDS: Readonly<Record<ViewerRole, readonly [word: string, may: string]>> = {
  viewer: ["Viewer", "sees everything, changes nothing"],
  operator: ["Operator", "promotes, rolls out, drains, restarts"],
  admin: ["Admin", "also lets hosts and people in"],
};

/** One line per entry: "Admin of every fleet", "Viewer of prod-eu". */
export const rolesInWords = (roles: Roles): string[] =>
  Object.entries(roles)
    .sort(([a], [b]) => Number(b === EVERY_FLEET) - Number(a === EVERY_FLEET) || a.localeCompare(b))
    .map(([fleet, role]) => `${ROLE_WORDS[role][0]} of ${fleetInWords(fleet)}`);

export const fleetInWords = (fleet: string): string =>
  fleet === EVERY_FLEET ? "every fleet" : fleet;

const BROWSERS: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bEdg\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bAndroid\b/, "Android"],
  [/\b(iPhone|iPad)\b/, "iOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/** "Firefox on Linux"; what says nothing known is shown as it is. */
export function browserInWords(userAgent: string | null): string {
  if (userAgent === null) return "A browser";
  const browser = BROWSERS.find(([mark]) => mark.test(userAgent))?.[1];
  const system = SYSTEMS.find(([mark]) => mark.test(userAgent))?.[1];
  if (browser === undefined) return userAgent.slice(0, 40);
  return system === undefined ? browser : `${browser} on ${system}`;
}
