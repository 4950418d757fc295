import { z } from "zod";

/** What the environment says about a fleet that is set up for the first time (`docs/OPERATIONS.md` lists the names). */
const port = z.coerce.number().int().min(1).max(65_535);
const environmentSchema = z.object({
  CHELA_NAME: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,30}$/,
      "use lower-case letters, digits and dashes, at most 31, starting with a letter or digit",
    )
    .default("chela"),
  CHELA_EDGE_PORT: port.default(8080),
  CHELA_CONSOLE_PORT: port.default(4400),
  CHELA_CONSOLE_URL: z.url().optional(),
  CHELA_REDIS_PORT: port.default(6379),
  CHELA_ADMIN_EMAIL: z.email().default("admin@chela.local"),
  CHELA_ADMIN_PASSWORD: z.string().min(8, "use at least 8 characters").optional(),
  CHELA_ASSISTANT: z.enum(["echo", "openai"]).default("echo"),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
});

export interface StateSettings {
  fleet: string;
  edgeUrl: string;
  consoleUrl: string;
  adminEmail: string;
  /** Null: generate one. */
  adminPassword: string | null;
  /** Published on this machine; not used with an external Redis. */
  redisPort: number;
  /** A Redis of the operator's own; null: the fleet brings its own. */
  redisUrl: string | null;
  assistant: "echo" | "openai";
}

/**
 * Reads the settings out of an environment; an empty value counts as not given (compose passes those).
 * @throws Error naming every variable that does not fit, all at once.
 */
export function parseStateSettings(env: Record<string, string | undefined>): StateSettings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment does not fit. ${faults.join("; ")}`);
  }
  const value = parsed.data;
  return {
    fleet: value.CHELA_NAME,
    edgeUrl: `http://127.0.0.1:${value.CHELA_EDGE_PORT}`,
    consoleUrl: value.CHELA_CONSOLE_URL ?? `http://localhost:${value.CHELA_CONSOLE_PORT}`,
    adminEmail: value.CHELA_ADMIN_EMAIL,
    adminPassword: value.CHELA_ADMIN_PASSWORD ?? null,
    redisPort: value.CHELA_REDIS_PORT,
    redisUrl: value.REDIS_URL ?? null,
    assistant: value.CHELA_ASSISTANT,
  };
}
