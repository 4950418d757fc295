import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { ARROWS } from "./check/arrows.ts";
import { root } from "./config.ts";

/** Keeps the arrows of docs/ARCHITECTURE.md. Ends with 1 where one is broken, or where nothing was seen at all. */
const FOLDERS = ["apps", "packages", "e2e", "scripts"];

process.chdir(root);
const { output } = await cruise(
  FOLDERS,
  {
    ruleSet: { forbidden: ARROWS },
    validate: true,
    tsPreCompilationDeps: true,
    parser: "swc",
    doNotFollow: { path: "node_modules/" },
    // Tests may reach for whatever they need to show.
    exclude: { path: "/\\.next/|next-env\\.d\\.ts$|\\.test\\.tsx?$" },
    skipAnalysisNotInRules: true,
  },
  {
    extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".json"],
    exportsFields: ["exports"],
    conditionNames: ["import", "node", "default", "types"],
  },
);
const { modules, summary } = output as ICruiseResult;
const own = modules.filter((module) =>
  FOLDERS.some((folder) => module.source.startsWith(`${folder}/`)),
);

const findings = summary.violations.map((violation) => {
  const rule = ARROWS.find((arrow) => arrow.name === violation.rule.name);
  return `${violation.from} → ${violation.to}\n    ${rule?.comment}`;
});
findings.push(...environmentReaders());
for (const finding of findings) console.error(finding);

// Without its parser the tool sees nothing and reports success; this check must not.
if (own.length === 0) {
  console.error("0 modules were seen: dependency-cruiser found no TypeScript parser (@swc/core).");
  process.exitCode = 1;
} else {
  console.log(`${own.length} modules, ${findings.length} broken arrows`);
  if (findings.length > 0) process.exitCode = 1;
}

/** The environment comes in by one door per program; what Next replaces while building (NODE_ENV) is no environment. */
function environmentReaders(): string[] {
  const reader = new RegExp(["process", 'env\\b(?!\\.NODE_ENV|\\["NODE_ENV)'].join("\\."));
  return ["apps", "packages", "scripts"]
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
    )
    .filter((name) => /\.tsx?$/.test(name) && !/node_modules\/|\.next\/|\.test\.tsx?$/.test(name))
    .filter((name) => !/(^|[/.])config\.ts$|\/testing\//.test(name))
    .filter((name) =>
      reader.test(readFileSync(name, "utf8").replace(/^\s*(\/\/|\*|\/\*).*$/gm, "")),
    )
    .map(
      (name) =>
        `${name}\n    It reads the environment. Read it in config.ts and pass the value in.`,
    );
}
