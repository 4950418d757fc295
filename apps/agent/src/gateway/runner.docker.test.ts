import { rm } from "node:fs/promises";
import type { OperationRef } from "@chela/shared/agent-link/schema";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  docker,
  gatewaySpec,
  removeFleet,
  standInImages,
  startAgent,
  type TestAgent,
  testFleet,
  until,
} from "../testing/docker-fixtures.ts";

const fleet = testFleet();
const name = `${fleet}-gw-1`;
const repository = `chela-test/${fleet}`;
let agent: TestAgent;
let ids: Record<"1" | "2", string>;
let steps = 0;

const spec = (version: "1" | "2") => gatewaySpec("gw-1", `${repository}:${version}`, ids[version]);
const operation = (): OperationRef => ({ id: "op-1", step: `replace ${++steps}` });
const inspect = (format: string) => docker("inspect", "-f", format, name);
const containers = async () =>
  (await docker("ps", "-aq", "--filter", `label=chela.fleet=${fleet}`)).split("\n").filter(Boolean);
const answering = () =>
  until("gw-1 to answer", async () => {
    const [gateway] = await agent.gateways.list();
    return gateway?.status?.ready ? gateway : null;
  });

beforeAll(async () => {
  ids = await standInImages(repository);
  agent = await startAgent(fleet);
});
afterEach(async () => {
  await agent.gateways.remove("gw-1", operation());
  await removeFleet(fleet);
});
afterAll(async () => {
  await agent.stop();
  await removeFleet(fleet);
  await docker("rmi", "-f", `${repository}:1`, `${repository}:2`);
  await rm(agent.folder, { recursive: true });
});

test("ensure makes one container with its files, unprivileged, and asking again changes nothing", async () => {
  const first = await agent.gateways.ensure(spec("1"), null);
  const again = await agent.gateways.ensure(spec("1"), null);
  expect(again.containerId).toBe(first.containerId);
  expect(await containers()).toHaveLength(1);
  expect(first).toMatchObject({ gateway: "gw-1", containerName: name, image: `${repository}:1` });
  expect(first.address?.host).not.toMatch(/^127\./);
  expect(first.address?.port).toBeGreaterThanOrEqual(20_000);

  const { status } = await answering();
  expect(status).toMatchObject({ gateway: "gw-1", fleet, version: "1", role: "standby" });
  expect(await inspect("{{.Config.User}} {{.HostConfig.CapDrop}} {{.Config.Image}}")).toBe(
    `1000:1000 [ALL] ${repository}:1`,
  );
  expect(await inspect("{{.Config.Env}} {{.Config.Labels}}")).not.toContain("quotes");

  const lines: string[] = [];
  const logs = agent.gateways.logs(
    "gw-1",
    { tail: 10, follow: false, surge: false },
    AbortSignal.timeout(5_000),
  );
  for await (const line of logs) lines.push(`${line.stream} ${line.line}`);
  expect(lines.toSorted()).toEqual([
    'stderr configuration: {"gateway":{}}',
    "stdout secrets in the environment: false",
  ]);
});

test("gateways placed at the same moment get ports of their own", async () => {
  const names = ["gw-1", "gw-2", "gw-3"];
  const placed = await Promise.all(
    names.map((gateway) => agent.gateways.ensure({ ...spec("1"), gateway }, null)),
  );
  const ports = placed.map(({ address }) => address?.port);
  expect(new Set(ports).size).toBe(names.length);
  for (const gateway of names) await agent.gateways.remove(gateway, operation());
});

test("replace happens once for one operation and step, keeps the port, and never leaves two", async () => {
  const before = await agent.gateways.ensure(spec("1"), null);
  const step = operation();
  const after = await agent.gateways.replace(spec("2"), step, false);
  expect(after.containerId).not.toBe(before.containerId);
  expect(after).toMatchObject({ image: `${repository}:2`, imageId: ids["2"], operation: step });
  expect(after.address).toEqual(before.address);

  await docker("kill", name);
  const repeated = await agent.gateways.replace(spec("2"), step, false);
  expect(repeated.containerId).toBe(after.containerId);
  expect(repeated.state).toBe("running");
  expect(await containers()).toHaveLength(1);
});

test("replace refuses an image that is missing or another one before it touches the old gateway", async () => {
  const before = await agent.gateways.ensure(spec("1"), null);
  const missing = gatewaySpec("gw-1", `${repository}:none`, ids["2"]);
  await expect(agent.gateways.replace(missing, operation(), false)).rejects.toMatchObject({
    code: "IMAGE_MISSING",
  });
  const moved = gatewaySpec("gw-1", `${repository}:2`, ids["1"]);
  await expect(agent.gateways.replace(moved, operation(), false)).rejects.toMatchObject({
    code: "IMAGE_MISMATCH",
  });
  const [still] = await agent.gateways.list();
  expect(still).toMatchObject({ containerId: before.containerId, state: "running" });
});

test("a gateway that was killed runs again by itself; one that an operation stopped stays stopped", async () => {
  await agent.gateways.ensure(spec("1"), null);
  const killed = (await answering()).startedAt;
  await docker("kill", name);
  await until("the killed gateway to run again", async () =>
    (await inspect("{{.State.Running}} {{.State.StartedAt}}")) === `true ${killed}` ||
    (await inspect("{{.State.Running}}")) === "false"
      ? null
      : true,
  );

  await agent.gateways.stop("gw-1", operation());
  const held = await agent.gateways.ensure(spec("1"), null);
  expect(held.state).toBe("exited");
  // Reconcile looks at each change and once a second: after two of its rounds it has had its chance.
  const reports = agent.watch.observe(AbortSignal.timeout(10_000));
  let seen = 0;
  for await (const report of reports) {
    expect(report.gateways[0]?.state).toBe("exited");
    if (++seen === 4) break;
  }
  const lifted = await agent.gateways.ensure(spec("1"), operation());
  expect(lifted.state).toBe("running");
});

test("a restart asked for twice by one operation happens once", async () => {
  const first = await agent.gateways.ensure(spec("1"), null);
  const step = operation();
  const restarted = await agent.gateways.restart("gw-1", step);
  expect(restarted.startedAt).not.toBe(first.startedAt);
  const repeated = await agent.gateways.restart("gw-1", step);
  expect(repeated.startedAt).toBe(restarted.startedAt);
});

test("drain reaches the gateway's admin port and answers its own status", async () => {
  await agent.gateways.ensure(spec("1"), null);
  await answering();
  expect(await agent.gateways.drain("gw-1", true)).toMatchObject({ role: "draining" });
  expect(await agent.gateways.drain("gw-1", false)).toMatchObject({ role: "standby" });
});

test("containers of others are neither seen nor touched, even under a name of this fleet", async () => {
  const image = `${repository}:1`;
  const sleep = ["--entrypoint", "node", image, "-e", "setInterval(()=>{},1e6)"];
  const foreign = await docker("run", "-d", "--init", "--name", name, ...sleep);
  const other = await docker(
    ...["run", "-d", "--init", "--name", `${fleet}-other`],
    ...["--label", "chela.fleet=another", "--label", "chela.gateway=other", ...sleep],
  );
  try {
    const refused = { code: "REFUSED_BY_POLICY" };
    await expect(agent.gateways.ensure(spec("1"), null)).rejects.toMatchObject(refused);
    await expect(agent.gateways.replace(spec("1"), operation(), false)).rejects.toMatchObject(
      refused,
    );
    await expect(agent.gateways.stop("other", operation())).rejects.toMatchObject(refused);
    await expect(agent.gateways.remove("other", operation())).rejects.toMatchObject(refused);
    expect(await agent.gateways.list()).toEqual([]);
    for (const id of [foreign, other]) {
      expect(await docker("inspect", "-f", "{{.State.Running}} {{.RestartCount}}", id)).toBe(
        "true 0",
      );
    }
  } finally {
    await docker("rm", "-f", foreign, other);
  }
});
