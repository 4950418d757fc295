import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { chmod, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { backup, DatabaseSync } from "node:sqlite";
import { pipeline } from "node:stream/promises";
import { z } from "zod";

const manifestSchema = z.object({
  backup: z.literal("chela-console"),
  /** Of the console that made it. */
  version: z.string(),
  /** How many migrations the store has been through. */
  layout: z.number().int().min(1),
  createdAt: z.iso.datetime(),
  /** Of the file beside it. */
  sha256: z.string(),
  bytes: z.number().int(),
});

/** What a backup is, in a file of its own beside it. */
export type Manifest = z.infer<typeof manifestSchema>;

export const manifestPath = (path: string): string => `${path}.manifest.json`;

/** Holds password hashes: for its owner only. */
const OWNER_ONLY = 0o600;

/**
 * Copies the store as it stands at one moment, while a console writes it. The copy is a whole SQLite file.
 * @throws Error that says what to do; nothing is left behind then.
 */
export async function backUp(request: {
  store: string;
  to: string;
  version: string;
  nowMs: number;
}): Promise<Manifest> {
  const { store, to, version, nowMs } = request;
  // SQLite would make an empty one.
  if (!existsSync(store)) throw new Error(`There is no store at ${store}.`);
  if (existsSync(to)) throw new Error(`${to} is there already: give another name.`);
  const part = `${to}.part`;
  const source = new DatabaseSync(store, { readOnly: true, timeout: 5_000 });
  try {
    await writeFile(part, "", { mode: OWNER_ONLY });
    await chmod(part, OWNER_ONLY);
    await backup(source, part);
    const layout = settle(part);
    const manifest: Manifest = {
      backup: "chela-console",
      version,
      layout,
      createdAt: new Date(nowMs).toISOString(),
      ...(await digest(part)),
    };
    await onDisk(part);
    await writeFile(manifestPath(to), `${JSON.stringify(manifest, null, 2)}\n`, {
      mode: OWNER_ONLY,
    });
    await onDisk(manifestPath(to));
    await rename(part, to);
    return manifest;
  } finally {
    source.close();
    for (const left of [part, `${part}-wal`, `${part}-shm`]) await rm(left, { force: true });
  }
}

/** One file, without a log beside it. @returns its layout. @throws Error where it is damaged. */
export function settle(path: string): number {
  const file = new DatabaseSync(path);
  try {
    file.exec("PRAGMA journal_mode = DELETE");
    const found = file.prepare("PRAGMA integrity_check").get() as { integrity_check: string };
    if (found.integrity_check !== "ok") {
      throw new Error(`${path} is damaged: ${found.integrity_check}`);
    }
    return (file.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
  } finally {
    file.close();
  }
}

/** A backup's manifest, once its file was found to be the one that was made. @throws Error */
export async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(manifestPath(path), "utf8").catch(() => {
    throw new Error(`${manifestPath(path)} is missing: a backup is both files.`);
  });
  const parsed = manifestSchema.safeParse(jsonOrNull(text));
  if (!parsed.success) throw new Error(`${manifestPath(path)} is no backup's manifest.`);
  const { sha256, bytes } = await digest(path);
  if (sha256 !== parsed.data.sha256) {
    throw new Error(
      `${path} is not the file that was backed up: ${bytes} bytes, SHA-256 ${sha256}, and not ${parsed.data.sha256}.`,
    );
  }
  return parsed.data;
}

async function digest(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash("sha256");
  let bytes = 0;
  await pipeline(createReadStream(path), async (chunks) => {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      hash.update(chunk);
    }
  });
  return { sha256: hash.digest("hex"), bytes };
}

/** Not in the machine's memory only. */
export async function onDisk(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
