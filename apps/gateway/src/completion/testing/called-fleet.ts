import { shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import { Redis } from "ioredis";
import OpenAI from "openai";
import { startRedis, type TestRedis } from "../../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../../e2e/harness/wait.ts";
import { FakeEndpoint } from "../../assistant/openai/testing/fake-endpoint.ts";
import { GatewayProcess, settingsFor, writeControl } from "../../testing/gateway-process.ts";

export const TOKEN = "a-token-for-clients";

export const ask = (text: string) => ({
  model: "any",
  messages: [{ role: "user" as const, content: text }],
});

/** A Redis, an endpoint for the assistant and, for each test, gateways of a new fleet that are called over `/v1`. */
export class CalledFleet {
  readonly server: TestRedis;
  endpoint!: FakeEndpoint;
  readonly #redis: Redis;
  readonly #gateways: GatewayProcess[] = [];
  #fleet = "";
  #runs = 0;

  private constructor(server: TestRedis) {
    this.server = server;
    this.#redis = new Redis(server.url);
    this.#redis.on("error", () => {});
  }

  static async open(): Promise<CalledFleet> {
    return new CalledFleet(await startRedis());
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
    await this.server.stop();
  }

  async begin(): Promise<void> {
    this.#fleet = `fleet-${++this.#runs}`;
    this.endpoint = await new FakeEndpoint().start();
    await writeControl(this.#redis, this.#fleet, "gw-1");
  }

  async end(): Promise<void> {
    await Promise.all(this.#gateways.splice(0).map((gateway) => gateway.end()));
    await this.endpoint.stop();
  }

  /** Settings for an assistant that is the endpoint (or another one). */
  model(baseUrl = this.endpoint.baseUrl): object {
    return { assistant: { type: "openai", baseUrl, model: "m" } };
  }

  async gateway(name: string, more: object): Promise<GatewayProcess> {
    const settings = settingsFor(this.server.port, { clients: { token: TOKEN }, ...more });
    const gateway = await GatewayProcess.start(name, this.#fleet, settings);
    this.#gateways.push(gateway);
    return gateway;
  }

  /** Gateways that are ready: first the one that processes, whichever came up first, then those that stand by. */
  async started(more: object, count = 2): Promise<GatewayProcess[]> {
    const names = Array.from({ length: count }, (_, n) => `gw-${n + 1}`);
    const all = await Promise.all(names.map((name) => this.gateway(name, more)));
    return until("an active gateway and ready ones", async () => {
      const stati = await Promise.all(all.map((gateway) => gateway.status()));
      const holder = stati.findIndex(({ shards }) => shards.length === 16);
      if (holder < 0 || !stati.every(({ ready }) => ready)) return false;
      return [all[holder]!, ...all.filter((_, n) => n !== holder)];
    });
  }

  client(gateway: GatewayProcess, more: object = {}): OpenAI {
    const baseURL = `http://127.0.0.1:${gateway.port}/v1`;
    return new OpenAI({ baseURL, apiKey: TOKEN, maxRetries: 0, ...more });
  }

  raw(gateway: GatewayProcess, body: unknown, headers: Record<string, string> = {}) {
    return fetch(`http://127.0.0.1:${gateway.port}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }

  /** What stands in a session, as `role: text`. */
  async session(key: string): Promise<string[]> {
    const entries = await this.#redis.xrange(this.#historyOf(key), "-", "+");
    return entries.map(([, fields]) => `${fields[1]}: ${fields[3]}`);
  }

  /** How many seconds it has to live. */
  sessionTtl(key: string): Promise<number> {
    return this.#redis.ttl(this.#historyOf(key));
  }

  /** What the endpoint was asked last. */
  lastAsked() {
    return this.endpoint.asked.findLast(({ body }) => body !== null)!.body!;
  }

  #historyOf(key: string): string {
    return shardKeys("openclaw:", this.#fleet, shardOf(key, 16)).history(key);
  }
}
