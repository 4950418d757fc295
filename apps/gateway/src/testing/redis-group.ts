import { Redis } from "ioredis";
import { startSentinel } from "../../../../e2e/harness/redis-sentinel.ts";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";

export interface RedisGroup {
  /** Sentinel's name for it. */
  readonly name: string;
  readonly sentinels: readonly { host: string; port: number }[];
  /** The first one is the primary to begin with. */
  readonly servers: readonly TestRedis[];
  /** Whom the Sentinels hold to be the primary now. */
  primary(): Promise<TestRedis>;
  /** Ends everything and removes its data. */
  stop(): Promise<void>;
}

/**
 * A real replicated Redis: one primary with replicas, all with `min-replicas-to-write 1`. Three servers and not two,
 * because a promoted replica takes writes only once it has a replica itself.
 */
export async function startReplicated(count = 3): Promise<TestRedis[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () =>
      startRedis({
        "min-replicas-to-write": "1",
        "min-replicas-max-lag": "5",
        "repl-diskless-sync-delay": "0",
        "repl-ping-replica-period": "1",
      }),
    ),
  );
  for (const server of servers.slice(1)) await follow(server, servers[0]!);
  const primary = new Redis(servers[0]!.url);
  // A replica in step counts only once it has told the primary so, which it does once a second.
  await until(
    "replicas that confirm",
    async () => (await primary.wait(count - 1, 500)) === count - 1,
  );
  primary.disconnect();
  return servers;
}

/** The same under three real Sentinels. */
export async function startRedisGroup(count = 3): Promise<RedisGroup> {
  const name = "chela";
  const servers = await startReplicated(count);
  const sentinels = await Promise.all(
    Array.from({ length: 3 }, () => startSentinel(name, servers[0]!.port)),
  );
  const asked = sentinels.map(({ port }) => {
    const client = new Redis({ port, retryStrategy: () => 100 });
    client.on("error", () => {});
    return client;
  });
  await until("Sentinels that know each other and every replica", async () => {
    const views = await Promise.all(
      asked.map(async (client) =>
        pairs((await client.call("SENTINEL", "MASTER", name)) as string[]),
      ),
    );
    return views.every(
      (view) =>
        view.get("num-other-sentinels") === "2" && view.get("num-slaves") === String(count - 1),
    );
  });
  return {
    name,
    sentinels: sentinels.map(({ port }) => ({ host: "127.0.0.1", port })),
    servers,
    async primary() {
      const [, port] = (await asked[0]!.call(
        "SENTINEL",
        "GET-MASTER-ADDR-BY-NAME",
        name,
      )) as string[];
      return servers.find((server) => server.port === Number(port))!;
    },
    async stop() {
      for (const client of asked) client.disconnect();
      await Promise.all([...sentinels, ...servers].map((each) => each.stop()));
    },
  };
}

async function follow(server: TestRedis, primary: TestRedis): Promise<void> {
  const redis = new Redis(server.url);
  try {
    await redis.replicaof("127.0.0.1", primary.port);
    await until("a replica in step", async () =>
      (await redis.info("replication")).includes("master_link_status:up"),
    );
  } finally {
    redis.disconnect();
  }
}

function pairs(list: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let i = 0; i + 1 < list.length; i += 2) map.set(list[i]!, list[i + 1]!);
  return map;
}
