import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { usage } from "./problem.ts";

/** The part of `access.json` that is used here. */
export interface Access {
  consoleUrl: string;
  apiToken: string;
  fleet: string;
}

export const accessPath = (stateDir: string): string => join(stateDir, "access.json");

/** Null where there is none. @throws Problem where it is there and cannot be used. */
export async function readAccess(stateDir: string): Promise<Access | null> {
  const path = accessPath(stateDir);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw usage(`${path} cannot be read: ${error.message}`);
  });
  if (text === null) return null;
  const { consoleUrl, apiToken, fleet } = parsed(text);
  if ([consoleUrl, apiToken, fleet].every((value) => typeof value === "string" && value !== "")) {
    return { consoleUrl, apiToken, fleet } as Access;
  }
  throw usage(`${path} is not what bin/up writes: consoleUrl, apiToken and fleet are needed.`);
}

function parsed(text: string): Partial<Access> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<Access>;
  } catch {
    return {};
  }
}
