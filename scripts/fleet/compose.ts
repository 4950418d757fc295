import { root } from "../config.ts";
import { docker } from "../machine/engine.ts";
import type { FleetSettings } from "./settings.ts";

/**
 * `docker compose` over this clone's file, with these settings and no others: an .env file of another fleet
 * must not mix in, so every name is given, empty ones too.
 */
export function compose(
  settings: Partial<FleetSettings>,
  args: readonly string[],
): Promise<string> {
  const env = { ...settings, COMPOSE_PROJECT_NAME: settings.CHELA_NAME };
  return docker(["compose", "--env-file", "/dev/null", "--project-directory", root, ...args], {
    cwd: root,
    env,
  });
}
