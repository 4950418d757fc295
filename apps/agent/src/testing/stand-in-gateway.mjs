// Runs in a container in the agent's own tests, in place of a gateway: the two ports, a status, nothing behind it.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const started = Date.now();
const incarnation = `${process.env.CHELA_GATEWAY}-${started}`;
const secrets = readFileSync("/chela/secrets.env", "utf8");
const token = /^CHELA_ADMIN_TOKEN="(.*)"$/m.exec(secrets)?.[1];
let draining = false;
const hoard = [];

const status = () => ({
  gateway: process.env.CHELA_GATEWAY,
  incarnation,
  fleet: process.env.CHELA_FLEET,
  version: process.env.CHELA_VERSION,
  role: draining ? "draining" : "standby",
  ready: true,
  reasons: [],
  draining,
  assistantUp: true,
  shards: [],
  inFlight: 0,
  backlog: 0,
  sockets: 0,
  acceptP99Ms: null,
  uptimeMs: Date.now() - started,
});

createServer((request, response) => {
  const { url = "/" } = request;
  if (url.startsWith("/webhooks/hang")) return;
  if (url === "/leak") for (;;) hoard.push(Buffer.alloc(8 * 1024 * 1024, 1));
  const code = Number(/^\/webhooks\/(\d+)/.exec(url)?.[1] ?? 200);
  response.writeHead(code, { "content-type": "application/json" });
  const { headers, method } = request;
  response.end(JSON.stringify({ gateway: process.env.CHELA_GATEWAY, method, url, headers }));
}).listen(3000);

createServer(async (request, response) => {
  if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end();
  if (request.method === "POST" && request.url === "/drain") {
    let body = "";
    for await (const chunk of request) body += chunk;
    draining = JSON.parse(body).draining;
  }
  response.end(JSON.stringify(status()));
}).listen(3001);

console.log(`secrets in the environment: ${"A_SECRET" in process.env}`);
console.error(`configuration: ${readFileSync("/chela/gateway.json", "utf8")}`);
process.on("SIGTERM", () => process.exit(0));
