import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { environment } from "../config.ts";
import { attempt, run } from "../run/command.ts";
import { Problem } from "../run/problem.ts";

/** What apt does without asking. */
const quiet = { DEBIAN_FRONTEND: "noninteractive" };
let listsRefreshed = false;

/** Prefix for commands that need root; empty for root itself. Null: neither root nor sudo without a password. */
export async function elevation(): Promise<string[] | null> {
  if (process.getuid?.() === 0) return [];
  const sudo = await attempt("sudo", ["-n", "true"]);
  return sudo.status === 0 ? ["sudo", "-n", "-E"] : null;
}

/** Runs a command as root. @throws Problem where that is not possible. */
export async function asRoot(args: readonly string[], env: Record<string, string> = {}) {
  const prefix = await elevation();
  if (prefix === null) {
    throw new Problem(
      `"${args.join(" ")}" needs root.`,
      `Run it yourself with sudo, or this script as root, then start again.`,
    );
  }
  const [command, ...rest] = [...prefix, ...args];
  return run(command!, rest, { env });
}

/** Debian or Ubuntu, with a Debian package installer. */
export async function isDebianLike(): Promise<boolean> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const ids = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap((m) =>
    m[1]!.split(" "),
  );
  return ids.some((id) => id === "debian" || id === "ubuntu") && (await has("apt-get"));
}

async function has(program: string): Promise<boolean> {
  return (await whereIs(program)) !== null;
}

/** Also looks where root's programs are: a plain user's PATH may lack those folders. */
export async function whereIs(program: string): Promise<string | null> {
  const path = `${environment["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;
  const found = await attempt("sh", ["-c", 'command -v "$1"', "sh", program], {
    env: { PATH: path },
  });
  return found.status === 0 ? found.stdout.trim() : null;
}

/**
 * Installs the packages whose program is missing.
 * @param wanted package → the program by which its presence is known.
 * @returns the packages that were installed.
 * @throws Problem that says exactly what to install where this cannot be done here.
 */
export async function ensurePackages(wanted: Record<string, string>): Promise<string[]> {
  const missing: string[] = [];
  for (const [name, program] of Object.entries(wanted)) {
    if (!(await has(program))) missing.push(name);
  }
  if (missing.length === 0) return [];
  const programs = missing.map((name) => wanted[name]).join(", ");
  if (!(await isDebianLike())) {
    throw new Problem(
      `${programs} not found, and this is not Debian or Ubuntu.`,
      `Install ${programs} (Debian calls the packages ${missing.join(" ")}) with your system's own means, then run it again.`,
    );
  }
  if ((await elevation()) === null) {
    throw new Problem(
      `${programs} not found, and installing needs root.`,
      `Run: sudo apt-get install -y --no-install-recommends ${missing.join(" ")} — then run it again.`,
    );
  }
  await refreshLists();
  await withoutServiceStart(missing);
  return missing;
}

async function refreshLists(): Promise<void> {
  if (listsRefreshed) return;
  // One broken foreign source must not stop the others: apt says so itself if a package is then not found.
  await asRoot(["apt-get", "update", "-qq"], quiet).catch(() => undefined);
  listsRefreshed = true;
}

/**
 * Some packages start a service on its default port. Only Docker's may: the others are wanted as programs.
 * Debian asks /usr/sbin/policy-rc.d before it starts anything; a machine that has one keeps its own.
 */
async function withoutServiceStart(packages: readonly string[]): Promise<void> {
  const install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"];
  const services = ["docker.io", "iptables"];
  const engine = packages.filter((name) => services.includes(name));
  if (engine.length > 0) await asRoot([...install, ...engine], quiet);
  const programs = packages.filter((name) => !services.includes(name));
  if (programs.length === 0) return;
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  if (ours) {
    await asRoot(["sh", "-c", `printf '#!/bin/sh\\nexit 101\\n' > ${policy}; chmod 755 ${policy}`]);
  }
  try {
    await asRoot([...install, ...programs], quiet);
  } finally {
    if (ours) await asRoot(["rm", "-f", policy]);
  }
}

/** The version apt would install, null where it knows none. */
export async function candidateVersion(name: string): Promise<string | null> {
  await refreshLists();
  const policy = await attempt("apt-cache", ["policy", name]);
  const version = /Candidate: (\S+)/.exec(policy.stdout)?.[1];
  return version === undefined || version === "(none)" ? null : version;
}
