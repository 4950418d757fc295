/** The part of package-lock.json (version 3) that is read here. */
export interface Lockfile {
  packages: Record<
    string,
    {
      version?: string;
      integrity?: string;
      resolved?: string;
      link?: boolean;
      /** Left out where it does not fit the platform. */
      optional?: boolean;
      dependencies?: Record<string, string>;
      optionalDependencies?: Record<string, string>;
      peerDependencies?: Record<string, string>;
      peerDependenciesMeta?: Record<string, { optional?: boolean }>;
    }
  >;
}

export interface ProductionPackages {
  /** Paths below the root, e.g. `node_modules/ws`; optional ones of other platforms among them. */
  modules: string[];
  /** Those among them that may be absent: other platforms'. */
  optional: string[];
  /** Workspaces that belong to it, e.g. `apps/gateway`, `packages/shared`. */
  workspaces: string[];
}

/** Libraries name it as a peer for the sake of their types; nothing runs it. */
const TYPES_ONLY = ["typescript"];

/**
 * What a workspace needs at run time, found the way Node resolves: the nearest `node_modules` upwards. Pure.
 * Reading the lock file rather than asking npm keeps image builds offline and at a second or two.
 */
export function productionPackages(lock: Lockfile, workspace: string): ProductionPackages {
  const modules = new Set<string>();
  const workspaces = new Set<string>();
  const visit = (path: string) => {
    const entry = lock.packages[path];
    if (entry === undefined || modules.has(path) || workspaces.has(path)) return;
    (path.includes("node_modules/") ? modules : workspaces).add(path);
    const peers = Object.keys(entry.peerDependencies ?? {}).filter(
      (name) => entry.peerDependenciesMeta?.[name]?.optional !== true,
    );
    const wanted = [
      ...Object.keys(entry.dependencies ?? {}),
      ...Object.keys(entry.optionalDependencies ?? {}),
      ...peers,
    ];
    for (const name of wanted.filter((name) => !TYPES_ONLY.includes(name))) {
      const found = resolve(lock, path, name);
      if (found !== null) visit(found);
    }
  };
  visit(workspace);
  const optional = [...modules].filter((path) => lock.packages[path]?.optional === true);
  return { modules: [...modules].sort(), optional, workspaces: [...workspaces].sort() };
}

/** Null: not in the lock file (an optional package that was left out). A link leads to its workspace. */
function resolve(lock: Lockfile, from: string, name: string): string | null {
  for (let at: string | null = from; at !== null; at = parent(at)) {
    const path = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    const entry = lock.packages[path];
    if (entry !== undefined) return entry.link === true ? (entry.resolved ?? null) : path;
  }
  return null;
}

/** The folder above in which Node would look next; null above the root. */
function parent(path: string): string | null {
  if (path === "") return null;
  const nested = path.lastIndexOf("/node_modules/");
  return nested === -1 ? "" : path.slice(0, nested);
}
