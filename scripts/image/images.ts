import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../config.ts";
import { docker } from "../machine/engine.ts";
import { run } from "../run/command.ts";
import { type Bases, resolveBases } from "./bases.ts";
import { contentHash } from "./content-hash.ts";
import { imageId, imageLabel } from "./local-images.ts";
import { type Lockfile, productionPackages } from "./production-packages.ts";
import { stageModules, stageSources } from "./stage.ts";

/** Label with the hash of what an image was built from. */
const SOURCE = "chela.source";

interface NodeApp {
  image: string;
  workspace: string;
  /** Built by turbo before staging; staged beside the sources. */
  built: string[];
  /** Beyond the workspaces. */
  files: string[];
}

const APPS: readonly NodeApp[] = [
  { image: "gateway", workspace: "apps/gateway", built: [], files: [] },
  { image: "agent", workspace: "apps/agent", built: [], files: [] },
  {
    image: "console",
    workspace: "apps/web",
    built: ["apps/web/.next"],
    files: ["scripts/traffic.ts", "scripts/fleet/signed-webhook.ts"],
  },
];

/** Version of this clone: the tag of all its images. */
async function projectVersion(): Promise<string> {
  return JSON.parse(await readFile(join(root, "package.json"), "utf8")).version;
}

/** Builds the images whose sources changed; answers in words what was done. */
export async function ensureImages(): Promise<string> {
  const version = await projectVersion();
  const [bases] = await Promise.all([resolveBases(), buildAhead(version)]);
  const built: string[] = [];
  for (const [image, base] of [
    ["redis", bases.redis],
    ["edge", bases.nginx],
  ] as const) {
    if (await buildPlain(image, base, version)) built.push(image);
  }
  for (const app of APPS) if (await buildApp(app, bases, version)) built.push(app.image);
  const what = built.length === 0 ? "nothing to build" : `built ${built.join(", ")}`;
  return `${what} (${bases.origin})`;
}

/** On a new machine the web build runs beside the base's; turbo remembers it for later. */
async function buildAhead(version: string): Promise<void> {
  for (const app of APPS.filter((app) => app.built.length > 0)) {
    if ((await imageId(`chela/${app.image}:${version}`)) === null) await turboBuild(app);
  }
}

async function turboBuild(app: NodeApp): Promise<void> {
  await run("turbo", ["run", "build", `--filter=./${app.workspace}`], { cwd: root });
}

async function buildPlain(image: string, base: string, version: string): Promise<boolean> {
  const dockerfile = `docker/${image}.Dockerfile`;
  const source = await contentHash(root, [dockerfile], [base, version]);
  const what = { image, tag: version, base, source };
  if (await isBuilt(what)) return false;
  await build(what, join(root, "docker"));
  return true;
}

async function buildApp(app: NodeApp, bases: Bases, version: string): Promise<boolean> {
  const lock: Lockfile = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
  const packages = productionPackages(lock, app.workspace);
  const pinned = packages.modules.map((path) => `${path} ${lock.packages[path]?.integrity ?? ""}`);
  const recipe = ["docker/modules.Dockerfile", "scripts/image/stage.ts"];
  const modulesHash = await contentHash(root, recipe, [bases.node, ...pinned]);
  const modules = {
    image: "modules",
    tag: `${app.image}-${modulesHash.slice(0, 12)}`,
    base: bases.node,
    source: modulesHash,
  };
  const sources = [...packages.workspaces, ...app.files, `docker/${app.image}.Dockerfile`];
  const what = {
    image: app.image,
    tag: version,
    base: reference(modules),
    source: await contentHash(root, sources, [modulesHash, version]),
  };
  if (await isBuilt(what)) return false;
  if (app.built.length > 0) await turboBuild(app);
  // A place of its own: two runs may build at once.
  const place = join(root, ".build", `${app.image}-${process.pid}`);
  try {
    if (!(await isBuilt(modules))) {
      await stageModules(join(place, "modules"), packages);
      await build(modules, join(place, "modules"));
    }
    await stageSources(join(place, "app"), packages, [...app.built, ...app.files]);
    await build(what, join(place, "app"));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  return true;
}

interface Wanted {
  image: string;
  tag: string;
  base: string;
  /** Hash of everything it is made of. */
  source: string;
}

const reference = (what: Wanted) => `chela/${what.image}:${what.tag}`;

async function isBuilt(what: Wanted): Promise<boolean> {
  return (await imageLabel(reference(what), SOURCE)) === what.source;
}

async function build(what: Wanted, context: string): Promise<void> {
  const parts = [
    ["-t", reference(what)],
    ["-f", join(root, `docker/${what.image}.Dockerfile`)],
    ["--build-arg", `BASE=${what.base}`],
    ["--build-arg", `VERSION=${what.tag}`],
    ["--label", `${SOURCE}=${what.source}`],
  ];
  // A builder that lives in a container of its own would not see the local bases.
  await docker(["build", "-q", ...parts.flat(), context], { env: { BUILDX_BUILDER: "default" } });
}

/**
 * Another gateway image with the same content and another version, for trying rollouts.
 * @returns its reference, `chela/gateway:<tag>`.
 */
export async function retagGateway(tag: string): Promise<string> {
  const target = `chela/gateway:${tag}`;
  const parts = [
    ["-t", target],
    ["-f", join(root, "docker/gateway-version.Dockerfile")],
    ["--build-arg", `BASE=chela/gateway:${await projectVersion()}`],
    ["--build-arg", `VERSION=${tag}`],
  ];
  await docker(["build", "-q", ...parts.flat(), join(root, "docker")], {
    env: { BUILDX_BUILDER: "default" },
  });
  return target;
}
