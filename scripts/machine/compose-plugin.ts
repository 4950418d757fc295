import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../run/command.ts";
import { Problem } from "../run/problem.ts";
import { asRoot, candidateVersion, ensurePackages, isDebianLike } from "./debian-packages.ts";
import { dockerAttempt } from "./engine.ts";

const PLUGIN_DIR = "/usr/local/lib/docker/cli-plugins";
/** Debian 13's package holds a static program, which runs on Debian 12 as well. */
const SUITE = "trixie";

/** Makes sure that `docker compose` (v2) works; answers its version. */
export async function ensureCompose(): Promise<string> {
  const present = await composeVersion();
  if (present !== null) return present;
  if (!(await isDebianLike())) {
    throw new Problem(
      'Docker\'s Compose plugin (v2) is missing: "docker compose version" fails.',
      "Install it: https://docs.docker.com/compose/install/linux/ — then run it again.",
    );
  }
  await install();
  const version = await composeVersion();
  if (version !== null) return version;
  throw new Problem(
    'The Compose plugin was installed, yet "docker compose version" fails.',
    `Run it by hand to see why; the plugin folder is ${PLUGIN_DIR}.`,
  );
}

async function composeVersion(): Promise<string | null> {
  const answer = await dockerAttempt(["compose", "version", "--short"], { timeoutMs: 20_000 });
  const version = answer.stdout.trim().replace(/^v/, "");
  return answer.status === 0 && Number.parseInt(version, 10) >= 2 ? version : null;
}

async function install(): Promise<void> {
  // Ubuntu's name for it; Debian has called it docker-compose since 13, and before that it was another program.
  if ((await candidateVersion("docker-compose-v2")) !== null) {
    await asRoot([
      "apt-get",
      "install",
      "-y",
      "-qq",
      "--no-install-recommends",
      "docker-compose-v2",
    ]);
    return;
  }
  if (Number.parseInt((await candidateVersion("docker-compose")) ?? "0", 10) >= 2) {
    await ensurePackages({ "docker-compose": "docker-compose" });
    return;
  }
  await installFromLaterDebian();
}

/** The package source is kept apart: nothing of the machine's own apt is changed. */
async function installFromLaterDebian(): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), "chela-compose-"));
  try {
    const lists = join(place, "lists");
    await mkdir(join(lists, "partial"), { recursive: true });
    const source = join(place, "debian.list");
    const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
    await writeFile(source, `deb [signed-by=${keyring}] ${await debianMirror()} ${SUITE} main\n`);
    const apart = [
      `Dir::Etc::sourcelist=${source}`,
      "Dir::Etc::sourceparts=-",
      `Dir::State::lists=${lists}`,
      `Dir::Cache=${place}`,
      "APT::Sandbox::User=root",
      "Acquire::Languages=none",
    ].flatMap((option) => ["-o", option]);
    await run("apt-get", [...apart, "update", "-qq"]);
    await run("apt-get", [...apart, "download", "-qq", "docker-compose"], { cwd: place });
    const archive = (await readdir(place)).find((name) => name.endsWith(".deb"));
    if (archive === undefined) throw new Error(`no docker-compose package in Debian ${SUITE}`);
    await run("dpkg-deb", ["-x", join(place, archive), join(place, "unpacked")]);
    const plugin = join(place, "unpacked/usr/libexec/docker/cli-plugins/docker-compose");
    await asRoot(["install", "-D", "-m", "0755", plugin, `${PLUGIN_DIR}/docker-compose`]);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Where this machine gets Debian's packages from; its mirror has the later release too. */
async function debianMirror(): Promise<string> {
  const targets = await run("apt-get", ["indextargets", "--format", "$(REPO_URI)"]);
  const mirror = targets.split("\n").find((uri) => /\/debian\/?$/.test(uri));
  if (mirror !== undefined) return mirror;
  throw new Problem(
    "This machine's package sources name no Debian mirror, so Docker's Compose plugin cannot be had from there.",
    "Install the plugin (docker compose, v2) by hand, then run it again.",
  );
}
