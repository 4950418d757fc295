import { existsSync } from "node:fs";
import { cp, link, lstat, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { root } from "../config.ts";
import { Problem } from "../run/problem.ts";
import { isShipped } from "./content-hash.ts";
import type { ProductionPackages } from "./production-packages.ts";

/** Lays out the packages of an app as below its root. Docker then needs no registry: all is in the folder. */
export async function stageModules(place: string, packages: ProductionPackages): Promise<void> {
  await mkdir(join(place, "node_modules"), { recursive: true });
  for (const path of packages.modules) {
    if (existsSync(join(root, path))) await copyPackage(path, place);
    else if (!packages.optional.includes(path)) {
      throw new Problem(`${path} is missing.`, "Run npm ci in the clone, then this again.");
    }
  }
  for (const workspace of packages.workspaces) await linkWorkspace(workspace, place);
}

/**
 * Lays out the sources of an app.
 * @param extra files and folders beyond the workspaces' sources, e.g. a web build.
 */
export async function stageSources(
  place: string,
  packages: ProductionPackages,
  extra: readonly string[],
): Promise<void> {
  await mkdir(place, { recursive: true });
  for (const workspace of packages.workspaces) await linkTree(workspace, place, isShipped);
  for (const path of extra) {
    await linkTree(path, place, (name) => !/\/\.next\/(cache|dev)/.test(name));
  }
  const described = { private: true, type: "module" };
  await writeFile(join(place, "package.json"), `${JSON.stringify(described)}\n`);
}

/** A package without the packages nested in it: those are entries of their own. */
async function copyPackage(path: string, to: string): Promise<void> {
  await linkTree(path, to, (name) => name !== `${path}/node_modules` && isRun(name));
}

/** Types and source maps are half of a package, and no process reads them. */
const isRun = (name: string) =>
  !/\.(map|d\.ts|d\.mts|d\.cts)$|\/(README|CHANGELOG|HISTORY)[^/]*$/i.test(name);

/** Hard links instead of copies: the packages are hundreds of megabytes, and nothing here writes to them. */
async function linkTree(path: string, to: string, keep: (name: string) => boolean): Promise<void> {
  const source = join(root, path);
  if (!(await lstat(source)).isDirectory()) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    return linkFile(source, join(to, path));
  }
  await mkdir(join(to, path), { recursive: true });
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const name = `${path}/${entry.name}`;
    if (!keep(name)) continue;
    if (entry.isDirectory()) await linkTree(name, to, keep);
    else await linkFile(join(root, name), join(to, name));
  }
}

/** Where the clone's packages live on another file system, a link is not possible. */
async function linkFile(source: string, target: string): Promise<void> {
  await link(source, target).catch(() =>
    cp(source, target, { verbatimSymlinks: true, errorOnExist: true }),
  );
}

/** `node_modules/@chela/shared` and the like: links, as npm makes them. */
async function linkWorkspace(workspace: string, modules: string): Promise<void> {
  const { name } = JSON.parse(await readFile(join(root, workspace, "package.json"), "utf8"));
  const at = join(modules, "node_modules", name);
  await mkdir(dirname(at), { recursive: true });
  await symlink(relative(dirname(at), join(modules, workspace)), at);
}
