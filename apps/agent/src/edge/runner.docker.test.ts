import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { renderNginx } from "@chela/shared/edge/nginx";
import type { EdgeUpstream } from "@chela/shared/edge/schema";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  docker,
  edgeSpec,
  gatewaySpec,
  removeFleet,
  standInImages,
  startAgent,
  type TestAgent,
  testFleet,
  until,
} from "../testing/docker-fixtures.ts";

const fleet = testFleet();
const name = `${fleet}-edge-1`;
const repository = `chela-test/${fleet}`;
let agent: TestAgent;
let port = 0;
const upstreams: Pick<EdgeUpstream, "gateway" | "address" | "port" | "secondPort">[] = [];

const config = (weights: number[], listen = port) =>
  renderNginx({
    ...{ port: listen, tls: null, affinity: "none", keepalive: 64 },
    ...{ webhookBytesMax: 1024 * 1024, chatBytesMax: 1024 * 1024 },
    upstreams: upstreams.map((upstream, index) => ({
      ...{ ...upstream, weight: weights[index] ?? 1, backup: false },
    })),
  });
const ensure = (text: string, listen = port) =>
  agent.edges.ensure(edgeSpec("edge-1", listen, text), null);
const reloadsInLog = () => {
  const { stdout, stderr } = spawnSync("docker", ["logs", name], { encoding: "utf8" });
  return (stdout + stderr).split("\n").filter((line) => line.includes("(SIGHUP)")).length;
};

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  ms: number;
}
function ask(path: string, options: { method?: string; body?: string } = {}): Promise<Answer> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const { method = "GET", body } = options;
    const call = request({ host: "127.0.0.1", port, path, method, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          ms: performance.now() - startMs,
        }),
      );
    });
    call.on("error", reject);
    call.end(body);
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

beforeAll(async () => {
  const ids = await standInImages(repository);
  agent = await startAgent(fleet);
  port = await freePort();
  for (const gateway of ["gw-1", "gw-2"]) {
    const made = await agent.gateways.ensure(
      gatewaySpec(gateway, `${repository}:1`, ids["1"]),
      null,
    );
    const [first = 0, secondPort = null] = made.ports;
    upstreams.push({ gateway, address: made.address?.host ?? "", port: first, secondPort });
  }
  await until("both gateways to answer", async () => {
    const gateways = await agent.gateways.list();
    return gateways.every((gateway) => gateway.status !== null) ? true : null;
  });
});
beforeEach(async () => {
  await ensure(config([1, 1]));
});
afterAll(async () => {
  await agent.stop();
  await removeFleet(fleet);
  await docker("rmi", "-f", `${repository}:1`, `${repository}:2`);
  await rm(agent.folder, { recursive: true });
});

describe("changing an edge", () => {
  test("the same configuration again reloads nothing; another one is reloaded once and verified", async () => {
    const first = await agent.edges.observe("edge-1");
    const again = await ensure(config([1, 1]));
    expect(again).toMatchObject({ running: true, containerId: first.containerId, error: null });
    expect(again.reloads).toBe(first.reloads);

    const reloads = reloadsInLog();
    const changed = await ensure(config([3, 1]));
    expect(changed.configHash).not.toBe(first.configHash);
    expect(changed.reloads).toBe(first.reloads + 1);
    expect(reloadsInLog()).toBe(reloads + 1);
    expect(await agent.edges.probe("edge-1", 5)).toMatchObject({ ok: 5, failed: 0 });
  });

  test("a configuration that nginx refuses changes nothing and is refused in nginx's own words", async () => {
    const before = await agent.edges.observe("edge-1");
    const reloads = reloadsInLog();
    const broken = config([1, 1]).replace("least_conn;", "least_con;");
    await expect(ensure(broken)).rejects.toMatchObject({
      code: "EDGE_CONFIG_REJECTED",
      message: expect.stringContaining('unknown directive "least_con"'),
    });
    const after = await agent.edges.observe("edge-1");
    expect(after).toMatchObject({ configHash: before.configHash, running: true });
    expect(after.error).toContain("least_con");
    expect(reloadsInLog()).toBe(reloads);
    expect(await agent.edges.probe("edge-1", 3)).toMatchObject({ ok: 3 });
  });

  test("a configuration that passes nginx's test but serves nobody is taken back", async () => {
    const before = await agent.edges.observe("edge-1");
    const deaf = config([1, 1]).replace(
      "location = /healthz {",
      "location = /healthz { return 500;",
    );
    await expect(ensure(deaf)).rejects.toMatchObject({ code: "EDGE_NOT_SERVING" });
    expect(await agent.edges.observe("edge-1")).toMatchObject({ configHash: before.configHash });
    expect(await agent.edges.probe("edge-1", 3)).toMatchObject({ ok: 3 });
  });

  test("a port that is taken is found at the reload and the last good configuration stays", async () => {
    const taken = createServer().listen(0, "0.0.0.0");
    await new Promise((resolve) => taken.once("listening", resolve));
    const address = taken.address();
    const other = typeof address === "object" && address !== null ? address.port : 0;
    await expect(ensure(config([1, 1], other), other)).rejects.toMatchObject({
      message: expect.stringContaining("Address already in use"),
    });
    expect(await agent.edges.probe("edge-1", 3)).toMatchObject({ ok: 3 });
    await new Promise((resolve) => taken.close(resolve));
  });

  test("an agent that died between swap and verification does it again, from the last good one", async () => {
    const record = agent.journal.edge("edge-1");
    if (record === null) throw new Error("The edge has no record.");
    await agent.journal.keepEdge("edge-1", { ...record, applying: "something" });
    const done = await ensure(config([1, 1]));
    expect(done.reloads).toBe(record.reloads + 1);
    expect(agent.journal.edge("edge-1")).toMatchObject({ applying: null });
  });

  test("an edge that was killed runs again by itself with its configuration", async () => {
    const before = await agent.edges.observe("edge-1");
    await docker("kill", name);
    await until("the edge to answer", async () =>
      (await agent.edges.probe("edge-1", 1)).ok === 1 ? true : null,
    );
    const after = await agent.edges.observe("edge-1");
    expect(after).toMatchObject({
      containerId: before.containerId,
      configHash: before.configHash,
      running: true,
    });
  });
});

describe("requests through the rendered configuration", () => {
  test("its own refusals carry the JSON error; a gateway's answers pass unchanged", async () => {
    const unknown = await ask("/nothing");
    expect([unknown.status, JSON.parse(unknown.body).error.code]).toEqual([404, "NOT_FOUND"]);
    const large = await ask("/webhooks/200", { method: "POST", body: "x".repeat(1_100_000) });
    expect([large.status, JSON.parse(large.body).error.code]).toEqual([413, "BODY_TOO_LARGE"]);
    const own = await ask("/webhooks/401", { method: "POST", body: "{}" });
    expect(own.status).toBe(401);
    expect(JSON.parse(own.body)).toMatchObject({ url: "/webhooks/401" });
  });

  test("gateways get the client's address and one request id, whatever the client claims", async () => {
    const { headers } = JSON.parse((await ask("/webhooks/200?token=s3cret")).body);
    expect(headers).toMatchObject({
      "x-real-ip": "127.0.0.1",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-request-id": expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  test("one hung gateway costs a webhook less than a second, and never a failure", async () => {
    await docker("pause", `${fleet}-gw-1`);
    try {
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => ask("/webhooks/200", { method: "POST", body: "{}" })),
      );
      expect(answers.map((answer) => answer.status)).toEqual(Array(12).fill(200));
      expect(Math.max(...answers.map((answer) => answer.ms))).toBeLessThan(2_000);
    } finally {
      await docker("unpause", `${fleet}-gw-1`);
    }
  });

  test("no gateway at all is 503 with Retry-After and the JSON error", async () => {
    await Promise.all([
      agent.gateways.stop("gw-1", { id: "op", step: "stop gw-1" }),
      agent.gateways.stop("gw-2", { id: "op", step: "stop gw-2" }),
    ]);
    const refused = await ask("/webhooks/200?token=s3cret", { method: "POST", body: "{}" });
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "1"]);
    expect(JSON.parse(refused.body).error.code).toBe("UNAVAILABLE");
    await Promise.all([
      agent.gateways.restart("gw-1", { id: "op", step: "start gw-1" }),
      agent.gateways.restart("gw-2", { id: "op", step: "start gw-2" }),
    ]);
  });

  test("no query string reaches the log, not even when a gateway cannot be reached", async () => {
    await until("the refused webhook to be logged", async () => {
      const log = await docker("logs", name);
      return log.includes('"status":"503"') ? true : null;
    });
    const log = await docker("logs", name);
    expect(log).not.toContain("s3cret");
    expect(log).not.toContain("/webhooks");
  });

  test("how each gateway answered is counted, by address; a good answer leaves no line at all", async () => {
    const at = (n: number) => `${upstreams[n]!.address}:${upstreams[n]!.port}`;
    const failed = async () => {
      const { answers } = await agent.edges.observe("edge-1");
      return [at(0), at(1)].map((upstream) => answers.find((a) => a.upstream === upstream)?.failed);
    };
    await until("both gateways to answer", async () =>
      (await agent.gateways.list()).every((gateway) => gateway.status !== null) ? true : null,
    );
    const lines = async () => (await docker("logs", name)).split("\n").length;
    const [before, quiet] = [await failed(), await lines()];
    for (let n = 0; n < 50; n++) await ask("/webhooks/200", { method: "POST", body: "{}" });
    expect(await lines()).toBe(quiet);
    // Tried at both, which both say 503, and then again.
    await ask("/webhooks/503", { method: "POST", body: "{}" });
    await until("both failures to be counted", async () => {
      const now = await failed();
      return now.every((count, n) => (count ?? 0) > (before[n] ?? 0)) ? true : null;
    });
  });
});
