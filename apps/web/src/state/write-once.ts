import { randomUUID } from "node:crypto";
import { chown, link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Answers what stands in the file afterwards: its text, or what somebody else had written there before. */
export type WriteOnce = (name: string, text: () => string) => Promise<string>;

/**
 * Writes files of a folder, each once; none that stands is ever changed. Folder and files get the modes 0700 and 0600
 * and the owner of `like`.
 * @param like a folder; root (a container) writes for its owner: the person who started the fleet must read it.
 */
export async function onceIn(dir: string, like: string = dir): Promise<WriteOnce> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { uid, gid } = await stat(like);
  const own = async (path: string) => {
    if (process.getuid?.() === 0) await chown(path, uid, gid);
  };
  await own(dir);
  return async (name, text) => {
    const path = join(dir, name);
    const present = await readFile(path, "utf8").catch(ignoreMissing);
    if (present !== undefined) return present;
    const draft = `${path}.${randomUUID()}`;
    try {
      await writeFile(draft, text(), { mode: 0o600, flag: "wx" });
      await own(draft);
      // A link is atomic and fails where the name is taken: the first one wins.
      await link(draft, path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
    } finally {
      await rm(draft, { force: true });
    }
    return readFile(path, "utf8");
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
