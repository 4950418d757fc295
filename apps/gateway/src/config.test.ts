import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const ENV = { CHELA_FLEET: "f", CHELA_GATEWAY: "gw-1" };
const SECRETS = "REDIS_PASSWORD=pass word\nCHELA_ADMIN_TOKEN=admin\nREDIS_PORT=6380\n";
/** The blocks of the contract, as they stand. */
const BLOCKS = `{ "gateway": {
    "session": { "store": "redis", "redis": { "host": "redis.example.com", "port": 6379,
                 "password": "{{REDIS_PASSWORD}}", "db": 0, "keyPrefix": "openclaw:" } },
    "webhook": { "deduplication": true, "deduplicationStore": "redis", "deduplicationTTL": 60 } } }`;

function read(config: string | object, secrets = SECRETS, env: Record<string, string> = ENV) {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  return readConfig(env, (path) => {
    if (path === "/chela/gateway.json") return text;
    if (path === "/chela/secrets.env") return secrets;
    throw new Error("no such file");
  });
}

function paths(config: string | object, secrets?: string, env?: Record<string, string>): string[] {
  const loaded = read(config, secrets, env);
  return loaded.ok ? [] : loaded.faults.map(({ path }) => path).sort();
}

const redis = { host: "localhost" };

test("a block with a password only means the Redis user that the fleet gave this gateway", () => {
  const loaded = read(BLOCKS, `${SECRETS}REDIS_USERNAME=gateway\n`);
  expect(loaded.ok && loaded.config.settings.session.redis.username).toBe("gateway");
});

test("the contract's blocks are accepted as they stand, the password filled in", () => {
  const loaded = read(BLOCKS);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  expect(loaded.config.settings.session.redis).toMatchObject({
    host: "redis.example.com",
    port: 6379,
    password: "pass word",
    db: 0,
    keyPrefix: "openclaw:",
  });
  expect(loaded.config).toMatchObject({ port: 3000, adminPort: 3001, adminToken: "admin" });
  expect(loaded.config.settings.assistant).toEqual({ type: "echo", latencyMs: 0 });
  expect(loaded.warnings.map(({ path }) => path)).toEqual(["gateway.webhook.deduplicationTTL"]);
});

test("numbers may come out of templates", () => {
  const loaded = read({
    gateway: { session: { redis: { host: "h", port: "{{REDIS_PORT}}", db: "2" } } },
  });
  expect(loaded.ok && loaded.config.settings.session.redis).toMatchObject({ port: 6380, db: 2 });
});

test("the environment comes before the secrets file", () => {
  const loaded = read(BLOCKS, SECRETS, { ...ENV, CHELA_ADMIN_TOKEN: "other" });
  expect(loaded.ok && loaded.config.adminToken).toBe("other");
});

test("every fault of environment, secrets and configuration is told at once", () => {
  const config = {
    gateway: {
      session: { store: "memory", redis: { host: "h", prot: 1, password: "{{REDIS_PASSWORD}}" } },
      webhook: { deduplicationTTL: 0 },
      channels: { whatsup: {}, telegram: { botToken: "" } },
      assistant: { type: "openai", baseUrl: "ftp://x" },
      extra: true,
    },
  };
  expect(paths(config, "", { CHELA_GATEWAY: "bad name" })).toEqual(
    [
      "CHELA_FLEET",
      "CHELA_GATEWAY",
      "CHELA_ADMIN_TOKEN",
      "gateway.session.store",
      "gateway.session.redis.prot",
      "gateway.session.redis.password",
      "gateway.webhook.deduplicationTTL",
      "gateway.channels.whatsup",
      "gateway.channels.telegram.botToken",
      "gateway.channels.telegram.secretToken",
      "gateway.assistant.baseUrl",
      "gateway.assistant.model",
      "gateway.extra",
    ].sort(),
  );
});

test("Cluster is said to be unsupported, Sentinel wants its name, a single Redis its host", () => {
  const faults = (redis: object) => paths({ gateway: { session: { redis } } });
  const node = [{ host: "a", port: 1 }];
  expect(faults({ cluster: node })).toEqual(["gateway.session.redis.cluster"]);
  expect(faults({ sentinels: node })).toEqual(["gateway.session.redis.name"]);
  expect(faults({ sentinels: node, name: "main" })).toEqual([]);
  expect(faults({})).toEqual(["gateway.session.redis.host"]);
  expect(faults({ host: "h", keyPrefix: "a{b}:" })).toEqual(["gateway.session.redis.keyPrefix"]);
});

test("a missing configuration file is a fault, a missing secrets file is not", () => {
  const text = JSON.stringify({ gateway: { session: { redis } } });
  const loaded = readConfig({ ...ENV, CHELA_ADMIN_TOKEN: "t" }, (path) => {
    if (path === "/chela/gateway.json") return text;
    throw new Error("no such file");
  });
  expect(loaded.ok).toBe(true);
  expect(paths(text, undefined, { ...ENV, CHELA_CONFIG: "/elsewhere" })).toEqual(["/elsewhere"]);
});
