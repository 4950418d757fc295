/** Suites of `bin/test`, in the order in which they run, with what each needs on the machine. */
export const SUITES = {
  unit: { docker: false, packages: {} },
  redis: { docker: false, packages: { "redis-server": "redis-server" } },
  docker: { docker: true, packages: { "redis-server": "redis-server" } },
  browser: { docker: true, packages: { chromium: "chromium" } },
  lab: { docker: true, packages: { curl: "curl", iproute2: "ip", "util-linux": "nsenter" } },
} satisfies Record<string, { docker: boolean; packages: Record<string, string> }>;
export type Suite = keyof typeof SUITES;

/** What is checked without running the product; counted like tests. */
export const CHECKS = [
  { name: "format and lint", command: ["biome", "check", "."] },
  { name: "types", command: ["turbo", "run", "typecheck", "--output-logs=errors-only"] },
  { name: "types of scripts", command: ["tsc", "--noEmit"] },
  { name: "boundaries", command: ["node", "scripts/check-boundaries.ts"] },
  { name: "dead code", command: ["knip", "--no-progress"] },
] as const;
