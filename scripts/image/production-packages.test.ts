import { expect, test } from "vitest";
import { type Lockfile, productionPackages } from "./production-packages.ts";

const lock: Lockfile = {
  packages: {
    "": {},
    "apps/a": { dependencies: { "@x/shared": "1", ws: "8", orm: "1" } },
    "apps/b": { dependencies: { left: "1" } },
    "packages/shared": { dependencies: { zod: "4" } },
    "node_modules/@x/shared": { resolved: "packages/shared", link: true },
    "node_modules/ws": {
      version: "8",
      peerDependencies: { fast: "1" },
      peerDependenciesMeta: { fast: { optional: true } },
    },
    "apps/a/node_modules/orm": {
      version: "1",
      dependencies: { deep: "1", zod: "4" },
      optionalDependencies: { absent: "1" },
    },
    "apps/a/node_modules/orm/node_modules/deep": { version: "1" },
    "node_modules/deep": { version: "2" },
    "node_modules/fast": { version: "1" },
    "node_modules/left": { version: "1" },
    "node_modules/zod": { version: "4", optional: true },
  },
};

test("nested packages win over hoisted ones, links lead to workspaces, optional peers stay out", () => {
  expect(productionPackages(lock, "apps/a")).toEqual({
    modules: [
      "apps/a/node_modules/orm",
      "apps/a/node_modules/orm/node_modules/deep",
      "node_modules/ws",
      "node_modules/zod",
    ],
    optional: ["node_modules/zod"],
    workspaces: ["apps/a", "packages/shared"],
  });
});

test("another workspace's packages stay out", () => {
  expect(productionPackages(lock, "apps/b")).toEqual({
    modules: ["node_modules/left"],
    optional: [],
    workspaces: ["apps/b"],
  });
});
