import { createHash, type Hash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** Neither tests nor what a build leaves behind is part of an image. */
export function isShipped(path: string): boolean {
  return !/(^|\/)(node_modules|\.next|\.turbo|testing)(\/|$)|\.test\.tsx?$|\.tsbuildinfo$|(^|\/)next-env\.d\.ts$/.test(
    path,
  );
}

/** SHA-256 over names and contents of everything shipped below some folders or files, in a stable order. */
export async function contentHash(
  root: string,
  paths: readonly string[],
  facts: readonly string[],
): Promise<string> {
  const hash = createHash("sha256");
  for (const fact of facts) hash.update(`${fact}\0`);
  for (const path of [...paths].sort()) await add(hash, root, join(root, path));
  return hash.digest("hex");
}

async function add(hash: Hash, root: string, path: string): Promise<void> {
  const name = relative(root, path);
  if (!isShipped(name)) return;
  const entries = await readdir(path, { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOTDIR") return null;
      throw error;
    },
  );
  if (entries === null) {
    hash
      .update(`${name}\0`)
      .update(await readFile(path))
      .update("\0");
    return;
  }
  for (const entry of entries.map((entry) => entry.name).sort()) {
    await add(hash, root, join(path, entry));
  }
}
