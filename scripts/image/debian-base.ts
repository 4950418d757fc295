import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheDir, root } from "../config.ts";
import { asRoot, ensurePackages } from "../machine/debian-packages.ts";
import { docker } from "../machine/engine.ts";
import { run } from "../run/command.ts";
import { imageLabel } from "./local-images.ts";

/**
 * The base of all images where no registry can be reached: Debian's own packages, and Node from the project's
 * packages. Built once a machine; kept beside the clone's cache, so that the next clone is quick.
 */
const SUITE = "bookworm";
const PACKAGES = ["ca-certificates", "libstdc++6", "nginx-light", "redis-server"];
const RECIPE = createHash("sha256")
  .update([SUITE, ...PACKAGES, "1"].join(" "))
  .digest("hex");
export const DEBIAN_BASE = `chela/base:${SUITE}`;

/** Makes sure that the Debian base exists; answers how it came about. */
export async function ensureDebianBase(): Promise<string> {
  if ((await imageLabel(DEBIAN_BASE, "chela.recipe")) === RECIPE) return "there already";
  const architecture = await run("dpkg", ["--print-architecture"]);
  const archive = join(cacheDir, `base-${SUITE}-${architecture}-${RECIPE.slice(0, 12)}.tar`);
  const cached = existsSync(archive);
  if (!cached) await bootstrap(archive);
  await docker(["import", "--change", `LABEL chela.recipe=${RECIPE}`, archive, DEBIAN_BASE]);
  return cached ? "from this machine's cache" : "built from Debian packages";
}

async function bootstrap(archive: string): Promise<void> {
  await ensurePackages({
    mmdebstrap: "mmdebstrap",
    // Where the machine is an Ubuntu, Debian's signing keys are a package of their own.
    ...(existsSync("/usr/share/keyrings/debian-archive-keyring.gpg")
      ? {}
      : { "debian-archive-keyring": "debian-archive-keyring" }),
  });
  await mkdir(cacheDir, { recursive: true });
  // A name of its own: two clones may build at once, and half an archive must never be taken for one.
  const draft = `${archive}.${process.pid}.tar`;
  try {
    await asRoot([
      "mmdebstrap",
      "--variant=minbase",
      `--include=${PACKAGES.join(",")}`,
      SUITE,
      draft,
    ]);
    await asRoot(["chown", `${process.getuid?.()}:${process.getgid?.()}`, draft]);
    await rename(draft, archive);
  } finally {
    await rm(draft, { force: true });
  }
}

/** The Debian base with Node; answers its tag. */
export async function ensureNodeOnDebian(): Promise<string> {
  const binary = join(root, "node_modules/node/bin/node");
  const version = (await run(binary, ["--version"])).replace(/^v/, "");
  const tag = `chela/node:${version}`;
  const made = `${RECIPE} ${version}`;
  if ((await imageLabel(tag, "chela.recipe")) === made) return tag;
  const context = await mkdtemp(join(tmpdir(), "chela-node-"));
  try {
    await run("cp", [binary, join(context, "node")]);
    await docker([
      ...["build", "-q", "-t", tag, "-f", join(root, "docker/node-on-debian.Dockerfile")],
      ...["--build-arg", `BASE=${DEBIAN_BASE}`, "--label", `chela.recipe=${made}`, context],
    ]);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  return tag;
}
