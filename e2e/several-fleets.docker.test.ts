import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FleetView, HostView, JoinToken, OperationView, Page } from "@chela/shared/fleet/view";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signWebhook } from "../scripts/fleet/signed-webhook.ts";
import { Fleet } from "./harness/fleet.ts";
import { freePort } from "./harness/redis-server.ts";
import { until } from "./harness/wait.ts";

const run = promisify(execFile);

/** One machine, one engine, one console and its own Redis: and two whole fleets, whose gateways bear the same names. */
describe("two fleets side by side on one engine", () => {
  let first: Fleet;
  let second: string;
  let edgePort: number;
  let secret: string;
  beforeAll(async () => {
    // A port that nobody takes while the fleet rests.
    const redisPort = String(await freePort());
    first = await Fleet.up({ CHELA_GATEWAYS: "1", CHELA_REDIS_PORT: redisPort });
    second = `${first.name}-b`;
    edgePort = await freePort();
  });
  afterAll(async () => {
    await first?.down();
  });

  const seen = () => first.api.fleet(second);
  const containersOf = (fleet: string) =>
    first.docker("ps", "-a", "--filter", `label=chela.fleet=${fleet}`, "--format", "{{.Names}}");
  const post = async (url: string, by: string, id: string) => {
    const webhook = signWebhook(by, id, { session: "alice", text: "hello" });
    return (await fetch(`${url}/webhooks/generic`, { method: "POST", ...webhook })).status;
  };
  const edgeUrl = () => `http://127.0.0.1:${edgePort}`;
  const answered = (fleet: string) =>
    until(
      "the reply",
      async () => (await first.api.session(fleet, "generic:alice")).messages.length === 2,
    );

  it("a host joins the second by the console's own command", async () => {
    await first.api.mutate<FleetView>("fleets.create", { fleet: second });
    const { command, warnings } = await first.api.mutate<JoinToken>("hosts.createJoinToken", {
      fleet: second,
      host: "local",
    });
    expect(warnings).toEqual([]);
    const { stdout } = await run("sh", ["-c", command]);
    expect(stdout).toContain(`Joined: local is a host of fleet ${second}.`);
    const { items } = await first.api.query<Page<HostView>>("hosts.list", { fleet: second });
    expect(items).toMatchObject([{ name: "local", connected: true }]);
    // The image of a first release comes from the other fleet's host: it is the same engine, or a copy.
    await until("its release", async () => (await seen()).release !== null);
  });

  it("its document makes gateways and an edge of the same names as the first fleet's", async () => {
    const yaml = `fleet: ${second}
gateways:
  - { name: gw-1, host: local }
  - { name: gw-2, host: local }
edges:
  - { name: edge-1, host: local, port: ${edgePort} }
`;
    const { operationId } = await first.api.mutate<{ operationId: string }>("fleets.apply", {
      fleet: second,
      yaml,
    });
    const over: OperationView = await first.api.finished(operationId, 120_000);
    expect(over.state, JSON.stringify(over.steps)).toBe("succeeded");
    const gateways = async (fleet: string) =>
      (await first.api.fleet(fleet)).gateways.map(({ name, health }) => `${name} ${health}`);
    await until("all healthy", async () =>
      (await gateways(second)).every((each) => each.endsWith(" healthy")),
    );
    expect(await gateways(second)).toEqual(["gw-1 healthy", "gw-2 healthy"]);
    expect(await gateways(first.name)).toEqual(["gw-1 healthy"]);
    expect((await containersOf(second)).split("\n").sort()).toEqual(
      ["agent-local", "edge-1", "gw-1", "gw-2"].map((part) => `${second}-${part}`),
    );
  });

  it("each answers its own senders through its own edge, and keeps their sessions apart", async () => {
    const folder = join(first.stateDir, "fleets", second);
    secret = /^GENERIC_WEBHOOK_SECRET=(.+)$/m.exec(
      await readFile(join(folder, "secrets.env"), "utf8"),
    )![1]!;
    await until("its edge serves", async () => (await post(edgeUrl(), secret, "b-1")) === 200);
    await answered(second);
    expect(await post(edgeUrl(), first.access.webhookSecret, "b-2")).toBe(401);
    expect(await post(first.access.edgeUrl, secret, "a-1")).toBe(401);
    expect((await first.api.session(first.name, "generic:alice")).messages).toEqual([]);
    // The same event id in the other fleet is another event.
    expect(await post(first.access.edgeUrl, first.access.webhookSecret, "b-1")).toBe(200);
    await answered(first.name);
    expect((await seen()).sessions.total).toBe(1);
  });

  it("a switchover and a crash in one are nothing to the other", async () => {
    const before = await first.status("gw-1");
    const active = (view: FleetView) => view.gateways.find(({ role }) => role === "active")?.name;
    const standby = (await seen()).gateways.find(({ role }) => role === "standby")!.name;
    await first.api.finished(await first.api.promote(second, standby));
    expect(active(await seen())).toBe(standby);
    await first.docker("kill", `${second}-${standby}`);
    await until("the other took over", async () => {
      const now = active(await seen());
      return now !== undefined && now !== standby;
    });
    expect((await first.status("gw-1")).incarnation).toBe(before.incarnation);
    expect((await first.status("gw-1")).shards).toEqual(before.shards);
  });

  it("bin/down lays both to rest, bin/up brings both back, and --purge leaves nothing of either", async () => {
    await first.rest();
    expect(await containersOf(second)).toBe(`${second}-agent-local`);
    await first.upAgain();
    await until("the second is back", async () => (await post(edgeUrl(), secret, "b-3")) === 200, {
      timeoutMs: 60_000,
    });
    await first.down();
    expect(await containersOf(second)).toBe("");
    expect(
      await first.docker("volume", "ls", "-q", "--filter", `label=chela.fleet=${second}`),
    ).toBe("");
  });
});
