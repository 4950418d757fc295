/** What the join script is made for; everything in it is checked, since a shell reads it. */
export interface JoinScriptInput {
  /** Origin of the console as the new host reaches it, e.g. `https://console.example.com`. */
  readonly consoleUrl: string;
  readonly fleet: string;
  readonly host: string;
  /** Single use, short-lived; bound to the host's name. */
  readonly token: string;
  /** The agent's image, tag included; `<console>/agent/image` answers it as `docker save` does (bearer: the token). */
  readonly image: string;
}

/**
 * The shell script that a new host runs to join a fleet: `curl -sSL '<console>/join?token=…' | sh`. Needs a POSIX
 * shell, curl and a Docker engine; loads the agent's image from the console (no registry), starts the agent beside
 * the engine and waits until it is linked. Run again with a new token: replaces the agent, keeps its data. Pure.
 *
 * Throws when a value holds what a shell could read as syntax.
 */
export function joinScript(input: JoinScriptInput): string {
  const console = new URL(input.consoleUrl);
  if (console.protocol !== "https:" && console.protocol !== "http:") {
    throw new Error(`The console's address is no http(s) URL: ${input.consoleUrl}`);
  }
  const link = `${console.protocol === "https:" ? "wss:" : "ws:"}//${console.host}/agent`;
  const name = `${plain(input.fleet)}-agent-${plain(input.host)}`;
  return `#!/bin/sh
# Joins this host to the Chela fleet ${plain(input.fleet)} as ${plain(input.host)}.
set -eu

CONSOLE='${plain(console.origin)}'
LINK='${plain(link)}'
FLEET='${plain(input.fleet)}'
HOST='${plain(input.host)}'
TOKEN='${plain(input.token)}'
IMAGE='${plain(input.image)}'
NAME='${name}'

say() { printf '%s\\n' "$*"; }
fail() { printf 'Not joined: %s\\n' "$*" >&2; exit 1; }

command -v curl >/dev/null || fail "curl is missing. Install it and run this again."
command -v docker >/dev/null || fail "Docker is missing. Install an engine (Debian: apt-get install docker.io) and run this again."
docker info >/dev/null 2>&1 || fail "Docker does not answer. Start it, or run this as root or a member of the group docker."

SOCKET=/var/run/docker.sock
case "\${DOCKER_HOST:-}" in
  "") ;;
  unix://*) SOCKET="\${DOCKER_HOST#unix://}" ;;
  *) fail "DOCKER_HOST is \${DOCKER_HOST}: the agent needs the engine of this host, by its socket." ;;
esac

OWNER=$(docker inspect -f '{{index .Config.Labels "chela.fleet"}}' "$NAME" 2>/dev/null || true)
if docker inspect "$NAME" >/dev/null 2>&1 && [ "$OWNER" != "$FLEET" ]; then
  fail "a container named $NAME exists and is not this fleet's. Remove or rename it."
fi

say "Loading the agent's image from $CONSOLE ..."
# A pipe's own status is docker's; this file tells of curl's.
FAILED=$(mktemp -u)
# The token by standard input: arguments can be read by every user of this host.
{ printf 'header = "Authorization: Bearer %s"\\n' "$TOKEN" \\
    | curl -fsS --connect-timeout 10 -K - "$CONSOLE/agent/image" || : >"$FAILED"; } \\
  | docker load >/dev/null || : >"$FAILED"
if [ -e "$FAILED" ]; then
  rm -f "$FAILED"
  fail "the image did not arrive. Is the token still good, and $CONSOLE reachable from here?"
fi
docker image inspect "$IMAGE" >/dev/null 2>&1 || fail "the console sent another image than $IMAGE."

say "Starting the agent ..."
docker rm -f "$NAME" >/dev/null 2>&1 || true
docker volume create --label "chela.fleet=$FLEET" "$NAME" >/dev/null
docker run -d --name "$NAME" --restart unless-stopped --network host \\
  --label "chela.fleet=$FLEET" --log-opt max-size=10m --log-opt max-file=3 \\
  -v "$SOCKET:/var/run/docker.sock" -v "$NAME:/data" \\
  -e "CHELA_NAME=$FLEET" -e "CHELA_HOST=$HOST" -e "CHELA_CONSOLE=$LINK" -e "CHELA_JOIN_TOKEN=$TOKEN" \\
  \${CHELA_ADDRESS:+-e "CHELA_ADDRESS=$CHELA_ADDRESS"} \\
  \${CHELA_AGENT_METRICS_PORT:+-e "CHELA_AGENT_METRICS_PORT=$CHELA_AGENT_METRICS_PORT"} \\
  "$IMAGE" >/dev/null || fail "the agent's container does not start."

TRIES=0
while [ "$TRIES" -lt 30 ]; do
  if docker logs "$NAME" 2>&1 | grep -q 'linked to the console'; then
    say "Joined: $HOST is a host of fleet $FLEET. Gateways can be placed on it in the console."
    exit 0
  fi
  TRIES=$((TRIES + 1))
  sleep 1
done
docker logs --tail 5 "$NAME" >&2 || true
fail "the agent has not reached the console within 30 s; its last words are above."
`;
}

function plain(value: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._:/@[\]~=+-]*$/.test(value)) return value;
  throw new Error(`"${value}" cannot stand in a shell script.`);
}
