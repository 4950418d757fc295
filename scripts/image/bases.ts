import { dockerAttempt } from "../machine/engine.ts";
import { DEBIAN_BASE, ensureDebianBase, ensureNodeOnDebian } from "./debian-base.ts";
import { imageId } from "./local-images.ts";

/** Public images that Chela's are built on, where they can be had. */
const PUBLIC = {
  node: "node:24-bookworm-slim",
  nginx: "nginx:1.28-bookworm",
  redis: "redis:7.2-bookworm",
} as const;
const REGISTRY = "https://registry-1.docker.io/v2/";
const REGISTRY_ANSWER_MS = 3_000;
const PULL_MS = 180_000;

export interface Bases {
  node: string;
  nginx: string;
  redis: string;
  /** Where they came from, in words. */
  origin: string;
}

/** What is local, else what can be pulled, else Debian's own packages: all three from the same source. */
export async function resolveBases(): Promise<Bases> {
  if (await all((name) => imageId(name).then((id) => id !== null))) {
    return { ...PUBLIC, origin: "public images, there already" };
  }
  // Once the Debian base is there, it stays the base: an image must not change because a registry came up.
  const debianIsHere = (await imageId(DEBIAN_BASE)) !== null;
  if (!debianIsHere && (await registryAnswers()) && (await all(pull))) {
    return { ...PUBLIC, origin: "public images, pulled" };
  }
  const how = await ensureDebianBase();
  const node = await ensureNodeOnDebian();
  return { node, nginx: DEBIAN_BASE, redis: DEBIAN_BASE, origin: `Debian base, ${how}` };
}

async function all(check: (name: string) => Promise<boolean>): Promise<boolean> {
  for (const name of Object.values(PUBLIC)) if (!(await check(name))) return false;
  return true;
}

async function pull(name: string): Promise<boolean> {
  return (await dockerAttempt(["pull", "-q", name], { timeoutMs: PULL_MS })).status === 0;
}

/** Any answer will do (it is 401 without an account); without a registry this must not hang. */
async function registryAnswers(): Promise<boolean> {
  return fetch(REGISTRY, { signal: AbortSignal.timeout(REGISTRY_ANSWER_MS) }).then(
    (response) => response.status === 401 || response.ok,
    () => false,
  );
}
