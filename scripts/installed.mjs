// Exits 0 when node_modules holds what package-lock.json says. Runs on Node 20: plain JavaScript, no packages.
import { existsSync, readFileSync } from "node:fs";

const packages = (path) => JSON.parse(readFileSync(path, "utf8")).packages;

function complete() {
  if (!existsSync("node_modules/.package-lock.json")) return false;
  if (!existsSync("node_modules/node/bin/node")) return false;
  const present = packages("node_modules/.package-lock.json");
  return Object.entries(packages("package-lock.json")).every(
    ([path, { version, optional, link }]) => {
      // Optional ones are mostly other platforms'; workspaces have no entry of their own under node_modules.
      if (!path.includes("node_modules/") || optional || link) return true;
      return present[path]?.version === version && existsSync(path);
    },
  );
}

process.exitCode = complete() ? 0 : 1;
