import type { Access } from "./access.ts";
import { usage } from "./problem.ts";

/** Which console, as whom, and which fleet if none is named. */
export interface Where {
  url: string;
  token: string;
  /** Null: the console's only one. */
  fleet: string | null;
}

export interface Given {
  url: string | undefined;
  token: string | undefined;
  fleet: string | undefined;
}

/**
 * Pure: an option counts before the environment, that before `access.json`. The token of `access.json` goes to the
 * console it belongs to and to no other: it is administrator of everything there.
 * @param access null where there is none; `statePath` says where it was looked for.
 * @throws Problem that says what to give.
 */
export function whereOf(
  options: Given,
  environment: Given,
  access: Access | null,
  statePath: string,
): Where {
  const url = options.url ?? environment.url ?? access?.consoleUrl;
  if (url === undefined) {
    throw usage(
      `There is no ${statePath}. Run this where the fleet was started, set CHELA_STATE_DIR, or say --url and --token.`,
    );
  }
  const origin = originOf(url);
  const own = access !== null && originOf(access.consoleUrl) === origin ? access : null;
  const token = options.token ?? environment.token ?? own?.apiToken;
  if (token === undefined) {
    throw usage(
      `There is no token for ${origin}. Say --token, or set CHELA_TOKEN; Settings → API tokens makes one.`,
    );
  }
  return { url: origin, token, fleet: options.fleet ?? environment.fleet ?? own?.fleet ?? null };
}

function originOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw usage(`${url} is no address of a console: it looks like http://localhost:4400.`);
  }
  return parsed.origin;
}
