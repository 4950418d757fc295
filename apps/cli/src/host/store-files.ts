import { randomUUID } from "node:crypto";
import { chown, copyFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";

const MANIFEST = ".manifest.json";

/** A name in the state directory for a backup on its way in or out: what the console's container can reach. */
export const onItsWay = (): string => `.backup-${randomUUID()}.sqlite`;

/** Copies a backup, both files of it. Readable by their owner only, as they were. */
export async function copyBackup(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await copyFile(`${from}${MANIFEST}`, `${to}${MANIFEST}`);
}

/** Where root does it, the console must still be able to read them. */
export async function giveTo(stateDir: string, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(stateDir);
  for (const file of [path, `${path}${MANIFEST}`]) await chown(file, uid, gid);
}

export async function removeBackup(stateDir: string, name: string): Promise<void> {
  for (const file of [name, `${name}${MANIFEST}`]) await rm(join(stateDir, file), { force: true });
}
