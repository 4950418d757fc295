import type { EdgeInput, EdgeUpstream } from "./schema.ts";
import { edgeFaults } from "./validate.ts";

/** Gateways that one request may reach. */
const TRIES = 3;

/**
 * The whole nginx.conf of an edge. Runs in Debian's nginx 1.22 and in the official image alike. Certificate
 * paths are relative, which nginx takes from the folder of nginx.conf: so a configuration can be tested in one
 * folder and run in another.
 *
 * Times fit inside each other: a gateway answers a webhook within 0.8 s, even if with 503; one that says nothing
 * for 0.9 s is taken for hung and the next is tried; nothing is tried anew after 2 s (Slack and Discord give 3).
 *
 * Throws when `edgeFaults(input)` is not empty.
 */
export function renderNginx(input: EdgeInput): string {
  const faults = edgeFaults(input);
  if (faults.length > 0) throw new Error(`No sound edge: ${faults.join(" ")}`);
  return `${[
    "# Rendered by Chela from the fleet; changed there, not here.",
    "user nobody nogroup;",
    "worker_processes auto;",
    "worker_rlimit_nofile 32768;",
    "# WebSockets of a worker that was reloaded away are cut after this.",
    "worker_shutdown_timeout 5m;",
    "pid /run/chela-nginx.pid;",
    "# notice: the agent reads here whether a reload took.",
    "error_log /dev/stderr notice;",
    "",
    ...block("events", ["worker_connections 8192;"]),
    "",
    ...block("http", http(input)),
  ].join("\n")}\n`;
}

function http(input: EdgeInput): string[] {
  return [
    "server_tokens off;",
    "default_type application/json;",
    "client_body_temp_path /tmp/chela-client-body;",
    "proxy_temp_path /tmp/chela-proxy;",
    "",
    "# nginx's errors about a request quote its query string, which may hold a token:",
    "# they are left out, as are the connections that a port without a listener refuses.",
    "error_log /dev/stderr emerg;",
    "",
    ...oddAnswers(),
    "",
    "keepalive_timeout 75s;",
    "keepalive_requests 100000;",
    "client_header_timeout 10s;",
    "client_body_timeout 10s;",
    "client_body_buffer_size 64k;",
    "send_timeout 30s;",
    "",
    "map $http_upgrade $chela_connection {",
    "  default upgrade;",
    "  '' '';",
    "}",
    "",
    ...upstreamBlock(input),
    ...block("server", server(input)),
  ];
}

/**
 * Only answers that say something about a gateway are logged, whatever path they were for: failed, tried anew, timed
 * out, or slow where an answer comes at once. A port where nothing listens refuses the connection; that is no answer.
 * The agent counts these lines (apps/agent/src/edge/odd-answers.ts).
 */
function oddAnswers(): string[] {
  const map = (from: string, to: string, pattern: string) =>
    block(`map ${from} ${to}`, ["default 0;", `"~${pattern}" 1;`]);
  return [
    ...map("$uri", "$chela_webhook", "^/webhooks/"),
    ...map("$status", "$chela_failed", "^5"),
    "# Connections were made to more than one gateway.",
    ...map("$upstream_connect_time", "$chela_again", "\\d\\s*[,:].*\\d"),
    ...map("$upstream_status", "$chela_timed_out", "504"),
    "# A quarter of a second or more.",
    ...map(
      '"$chela_webhook $upstream_response_time"',
      "$chela_slow",
      "^1 .*(0\\.2[5-9]|0\\.[3-9]|[1-9]\\d*\\.)",
    ),
    ...block('map "$chela_failed$chela_again$chela_timed_out$chela_slow" $chela_odd', [
      "default 1;",
      '"0000" 0;',
    ]),
    `log_format chela_odd escape=json '{"at":"$time_iso8601","status":"$status","webhook":"$chela_webhook",'`,
    `  '"upstream":"$upstream_addr","upstreamStatus":"$upstream_status",'`,
    `  '"connectSeconds":"$upstream_connect_time","seconds":"$upstream_response_time",'`,
    `  '"requestId":"$request_id"}';`,
    "access_log /dev/stdout chela_odd if=$chela_odd;",
  ];
}

/** A start-first replacement needs no reload: the edge knows both ports, whichever the gateway listens on. */
const portsOf = ({ port, secondPort }: EdgeUpstream): number[] =>
  secondPort === null ? [port] : [port, secondPort];

/** How many of the addresses have no listener while nothing is being replaced. */
const spares = (input: EdgeInput): number =>
  input.upstreams.filter(({ secondPort }) => secondPort !== null).length;

function upstreamBlock(input: EdgeInput): string[] {
  if (input.upstreams.length === 0) return [];
  const affine = input.affinity === "address";
  // nginx refuses `backup` beside `hash`, and an upstream of nothing but backups.
  const backups = !affine && input.upstreams.some((upstream) => !upstream.backup);
  // max_fails=0: a 503 counts as a failure, and one Redis blip would mark every gateway down for 10 s.
  const line = ({ gateway, address, weight, backup }: EdgeUpstream, port: number) =>
    `server ${address}:${port} weight=${weight} max_fails=0${
      backups && backup ? " backup" : ""
    }; # ${gateway}`;
  return [
    ...block("upstream chela_gateways", [
      "# One memory for all workers, so that least_conn counts them all.",
      "zone chela_gateways 128k;",
      affine ? "hash $remote_addr consistent;" : "least_conn;",
      ...input.upstreams.flatMap((upstream) =>
        portsOf(upstream).map((port) => line(upstream, port)),
      ),
      `keepalive ${input.keepalive};`,
      "keepalive_requests 100000;",
      "keepalive_timeout 60s;",
    ]),
    "",
  ];
}

function server(input: EdgeInput): string[] {
  return [
    `listen ${input.port};`,
    ...(input.tls === null ? [] : tlsLines(input.tls.port)),
    "server_name _;",
    "",
    "proxy_http_version 1.1;",
    ...forwardHeaders(`""`),
    "proxy_connect_timeout 300ms;",
    "proxy_socket_keepalive on;",
    "# A repeated POST is safe: gateways dedupe by event id; chat uses X-Request-Id, the same in each try.",
    "proxy_next_upstream error timeout http_502 http_503 non_idempotent;",
    "# Three gateways; a port where nothing listens refuses at once and is none.",
    `proxy_next_upstream_tries ${TRIES + spares(input)};`,
    "proxy_next_upstream_timeout 2s;",
    "",
    "error_page 404 @chela_not_found;",
    "error_page 413 @chela_too_large;",
    "error_page 502 503 504 @chela_unavailable;",
    "",
    ...block("location /webhooks/", [
      `client_max_body_size ${input.webhookBytesMax};`,
      "error_page 413 @chela_too_large;",
      "# Where all failed, once more through all: what is short (a stalled disk, one gateway dead while the",
      "# other is replaced) passes unseen. Both rounds together stay below 2.5 s.",
      "error_page 502 503 504 = @chela_webhooks_again;",
      "proxy_intercept_errors on;",
      "recursive_error_pages on;",
      ...quick(input),
    ]),
    ...block("location @chela_webhooks_again", [
      "# Providers send again after a 503; some do not after a 502.",
      "error_page 502 504 =503 @chela_unavailable;",
      "recursive_error_pages on;",
      "proxy_next_upstream_timeout 300ms;",
      ...quick(input),
    ]),
    ...["/healthz", "/readyz"].flatMap((path) => block(`location = ${path}`, quick(input))),
    ...block("location = /ws", [
      ...forwardHeaders("$chela_connection"),
      "proxy_set_header Upgrade $http_upgrade;",
      "# Longer than the gateway's own heartbeat.",
      "proxy_read_timeout 120s;",
      "proxy_send_timeout 120s;",
      pass(input),
    ]),
    ...["/v1/", "/chat"].flatMap((path) =>
      block(`location ${path}`, [
        `client_max_body_size ${input.chatBytesMax};`,
        "proxy_buffering off;",
        "# A turn may take minutes; a repeat joins it, so a gateway's death is worth a retry at any time.",
        "proxy_read_timeout 10m;",
        "proxy_send_timeout 30s;",
        "proxy_next_upstream_timeout 0;",
        pass(input),
      ]),
    ),
    ...block("location /", ["return 404;"]),
    "",
    ...answer("not_found", 404, "NOT_FOUND", "Nothing is served at this path."),
    ...answer("too_large", 413, "BODY_TOO_LARGE", "The body is larger than this path accepts."),
    ...answer(
      "unavailable",
      503,
      "UNAVAILABLE",
      "No gateway could take this now; send it again.",
      "add_header Retry-After 1 always;",
    ),
  ];
}

function tlsLines(port: number): string[] {
  return [
    `listen ${port} ssl;`,
    "ssl_certificate tls/certificate.pem;",
    "ssl_certificate_key tls/key.pem;",
    "ssl_protocols TLSv1.2 TLSv1.3;",
    "ssl_session_cache shared:chela_tls:4m;",
    "ssl_session_timeout 1h;",
  ];
}

/** Forwarding headers are set, never added to: what a client claims about itself stays out. */
function forwardHeaders(connection: string): string[] {
  return [
    `proxy_set_header Connection ${connection};`,
    "proxy_set_header Host $http_host;",
    "proxy_set_header X-Request-Id $request_id;",
    "proxy_set_header X-Real-IP $remote_addr;",
    "proxy_set_header X-Forwarded-For $remote_addr;",
    "proxy_set_header X-Forwarded-Proto $scheme;",
    "proxy_set_header X-Forwarded-Host $http_host;",
  ];
}

/** For what a gateway answers at once. */
const quick = (input: EdgeInput): string[] => [
  "proxy_read_timeout 900ms;",
  "proxy_send_timeout 900ms;",
  pass(input),
];

const pass = (input: EdgeInput): string =>
  input.upstreams.length === 0 ? "return 503;" : "proxy_pass http://chela_gateways;";

function answer(name: string, status: number, code: string, message: string, extra?: string) {
  const body = JSON.stringify({ error: { code, message } });
  return block(`location @chela_${name}`, [
    "internal;",
    ...(extra === undefined ? [] : [extra]),
    `return ${status} '${body}';`,
  ]);
}

const block = (head: string, lines: string[]): string[] => [
  `${head} {`,
  ...lines.map((line) => (line === "" ? "" : `  ${line}`)),
  "}",
];
