/** The only reader of the environment among the scripts. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;

/** The clone that these scripts belong to. */
export const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

/** What another clone can use too: outside the clone, so that it survives it. */
export const cacheDir = `${environment["XDG_CACHE_HOME"] || `${environment["HOME"] || "/root"}/.cache`}/chela`;
