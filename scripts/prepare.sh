# Sourced by bin/*: Node and the project's packages, then Node 24 first on the PATH. Bash only: nothing else is here yet.
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  printf '\nbin/%s stopped: %s\n' "$(basename "$0")" "$1" >&2
  exit 1
}

command -v node >/dev/null 2>&1 ||
  fail "Node.js is missing. Install Node 20 or newer with npm (Debian, Ubuntu: https://github.com/nodesource/distributions; elsewhere: https://nodejs.org), then run it again."
[ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" = true ] ||
  fail "Node $(node -v) is too old. Install Node 20 or newer, then run it again."
command -v npm >/dev/null 2>&1 || fail "npm is missing. Install npm beside Node, then run it again."

if ! node scripts/installed.mjs; then
  started=$SECONDS
  printf '▸ Packages (npm ci)\n'
  # The scripts of the project's own packages print nothing a reader needs; the log does when it fails.
  log=$(mktemp)
  npm ci --no-audit --no-fund --loglevel=error >"$log" 2>&1 </dev/null ||
    { tail -n 20 "$log" >&2; fail "npm ci failed (above; the whole log is $log). Is the npm registry reachable? npm ping tells."; }
  rm -f "$log"
  printf '  ✓ installed (%s s)\n' "$((SECONDS - started))"
fi
export PATH="$PWD/node_modules/.bin:$PATH"
