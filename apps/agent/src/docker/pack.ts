import { Readable } from "node:stream";
import { pack } from "tar-stream";
import type { ContainerFile } from "./port.ts";

/** The files as a tar archive, in order; each folder above a file before it, and its owner's alone. */
export function packFiles(files: readonly ContainerFile[]): Readable {
  const archive = pack();
  const folders = new Set<string>();
  for (const file of files) {
    const name = file.path.replace(/^\//, "");
    const owner = { uid: file.uid, gid: file.uid };
    const parts = name.split("/").slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth++) {
      const folder = `${parts.slice(0, depth).join("/")}/`;
      if (folders.has(folder)) continue;
      folders.add(folder);
      archive.entry({ name: folder, type: "directory", mode: 0o700, ...owner });
    }
    if (typeof file.content === "string") {
      archive.entry({ name, mode: file.mode, ...owner }, file.content);
    } else {
      archive.entry({ name, type: "symlink", linkname: file.content.linkTo, ...owner });
    }
  }
  archive.finalize();
  // Its streams are another library's; the engine's client wants Node's.
  return Readable.from(archive);
}
