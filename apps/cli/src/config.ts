import { isAbsolute, join } from "node:path";

/** What the environment says; every value can be given as an option instead. */
export interface Environment {
  url: string | undefined;
  token: string | undefined;
  fleet: string | undefined;
  /** Absolute: `bin/up` takes a relative one from the clone's root, and so does this. */
  stateDir: string;
  colour: boolean;
}

/** The clone that this command line belongs to. */
export const ROOT = join(import.meta.dirname, "../../..");

/** Reads the environment; the only place that does. An empty value counts as not given. */
export function readEnvironment(
  env: Record<string, string | undefined> = process.env,
  root: string = ROOT,
): Environment {
  const given = (name: string) => (env[name] === "" ? undefined : env[name]);
  const stateDir = given("CHELA_STATE_DIR") ?? ".chela";
  return {
    url: given("CHELA_URL"),
    token: given("CHELA_TOKEN"),
    fleet: given("CHELA_FLEET"),
    stateDir: isAbsolute(stateDir) ? stateDir : join(root, stateDir),
    colour: given("NO_COLOR") === undefined && env["TERM"] !== "dumb",
  };
}
