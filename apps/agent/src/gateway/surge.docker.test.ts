import { rm } from "node:fs/promises";
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
const next = `${name}-next`;
const repository = `chela-test/${fleet}`;
let agent: TestAgent;
let ids: Record<"1" | "2", string>;

const spec = (version: "1" | "2") => gatewaySpec("gw-1", `${repository}:${version}`, ids[version]);
const ref = (step: string, id = "op-1") => ({ id, step });
const containers = async () =>
  (await docker("ps", "-a", "--format", "{{.Names}}", "--filter", `label=chela.fleet=${fleet}`))
    .split("\n")
    .filter(Boolean)
    .toSorted();
const observed = async () => (await agent.gateways.list())[0]!;
/** The agent dies; another one starts on what is on disk. */
const agentStartsAgain = async (meanwhile: () => Promise<unknown>) => {
  await agent.stop();
  await meanwhile();
  agent = await startAgent(fleet, agent.folder);
};

beforeAll(async () => {
  ids = await standInImages(repository);
  agent = await startAgent(fleet);
});
afterEach(async () => {
  await agent.gateways.remove("gw-1", ref("remove"));
  await removeFleet(fleet);
});
afterAll(async () => {
  await agent.stop();
  await removeFleet(fleet);
  await docker("rmi", "-f", `${repository}:1`, `${repository}:2`);
  await rm(agent.folder, { recursive: true });
});

test("a surge container runs beside the one that serves, at the other port, once per operation and step", async () => {
  const old = await agent.gateways.ensure(spec("1"), null);
  expect(new Set(old.ports).size).toBe(2);
  const made = await agent.gateways.surge(spec("2"), ref("surge gw-1"));
  expect(made).toMatchObject({ containerId: old.containerId, address: old.address });
  expect(made.surge).toMatchObject({ containerName: next, image: `${repository}:2` });
  expect([made.address?.port, made.surge?.address?.port].toSorted()).toEqual(old.ports.toSorted());
  await until("both to answer", async () => {
    const { status, surge } = await observed();
    return status !== null && surge?.status != null ? true : null;
  });

  const again = await agent.gateways.surge(spec("2"), ref("surge gw-1"));
  expect(again.surge?.containerId).toBe(made.surge?.containerId);
  expect(await containers()).toEqual([name, next]);

  await agent.gateways.unsurge("gw-1", ref("unsurge gw-1"));
  await agent.gateways.unsurge("gw-1", ref("unsurge gw-1"));
  expect(await observed()).toMatchObject({ containerId: old.containerId, surge: null });
  expect(await containers()).toEqual([name]);
});

test("taking over leaves one container under the plain name, however often it is asked for; the ports stay the same two", async () => {
  const old = await agent.gateways.ensure(spec("1"), null);
  const { surge } = await agent.gateways.surge(spec("2"), ref("surge gw-1"));
  await agent.gateways.takeOver("gw-1", ref("take-over gw-1"));
  const taken = await agent.gateways.takeOver("gw-1", ref("take-over gw-1"));
  expect(taken).toMatchObject({ containerId: surge?.containerId, containerName: name });
  expect([taken.surge, taken.ports]).toEqual([null, old.ports]);
  expect(await containers()).toEqual([name]);

  // The surge ordered again by the same step (its answer was lost) makes no second one.
  await agent.gateways.surge(spec("2"), ref("surge gw-1"));
  expect(await containers()).toEqual([name]);
  // The next one goes to the port that is free now.
  const back = await agent.gateways.surge(spec("1"), ref("surge gw-1", "op-2"));
  expect(back.surge?.address?.port).toBe(old.address?.port);
});

test("what another operation started is not taken over, nor one that has ended; the old one serves on", async () => {
  const old = await agent.gateways.ensure(spec("1"), null);
  await agent.gateways.surge(spec("2"), ref("surge gw-1"));
  const foreign = agent.gateways.takeOver("gw-1", ref("take-over gw-1", "op-2"));
  await expect(foreign).rejects.toMatchObject({ code: "NOT_OURS" });
  expect(await observed()).toMatchObject({ containerId: old.containerId, state: "running" });
  await agent.gateways.unsurge("gw-1", ref("unsurge"));
  const none = agent.gateways.takeOver("gw-1", ref("take-over gw-1"));
  await expect(none).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test.each([
  ["before the old one was stopped", async () => {}],
  ["after it was stopped", () => docker("stop", "-t", "1", name)],
  ["between its removal and the new name", () => docker("rm", "-f", name)],
  [
    "after the new name",
    async () => {
      await docker("rm", "-f", name);
      await docker("rename", next, name);
    },
  ],
])("an agent that died in a take-over, %s, ends in the same place by itself", async (_, done) => {
  await agent.gateways.ensure(spec("1"), null);
  const { surge } = await agent.gateways.surge(spec("2"), ref("surge gw-1"));
  await agentStartsAgain(async () => {
    await agent.journal.noteTakeOver("gw-1", ref("take-over gw-1"));
    await done();
  });
  await until("the take-over to be finished", async () => {
    const { containerId, containerName } = await observed();
    return containerId === surge?.containerId && containerName === name ? true : null;
  });
  expect(await containers()).toEqual([name]);
  const asked = await agent.gateways.takeOver("gw-1", ref("take-over gw-1"));
  expect(asked).toMatchObject({ containerId: surge?.containerId, state: "running" });
});

test("a bad gateway is replaced urgently: one that hangs does not hold up its successor", async () => {
  const patient = (version: "1" | "2") => ({ ...spec(version), stopTimeoutSeconds: 600 });
  await agent.gateways.ensure(patient("1"), null);
  await docker("kill", "--signal", "STOP", name);
  const replaced = await agent.gateways.replace(patient("2"), ref("replace gw-1"), true);
  expect(replaced).toMatchObject({ image: `${repository}:2`, state: "running" });
  expect(await containers()).toEqual([name]);
  // Until it listens to its stop signal it would be waited for as patiently.
  await until("it to answer", async () => ((await observed()).status !== null ? true : null));
});

test("a killed gateway that the agent brings back shows how it ended, and one restart more", async () => {
  await agent.gateways.ensure(spec("1"), null);
  await docker("kill", name);
  const back = await until("it to run again", async () => {
    const seen = await observed();
    return seen.state === "running" && seen.restarts > 0 ? seen : null;
  });
  expect(back.lastExit).toMatchObject({ code: 137, outOfMemory: false });
});

test("a gateway that takes more memory than it may is ended by the kernel, and says so afterwards", async () => {
  const limit = { ...spec("1"), memoryBytes: 96 * 1024 * 1024 };
  await agent.gateways.ensure(limit, null);
  await until("it to answer", async () => ((await observed()).status !== null ? true : null));
  const { address } = await observed();
  await fetch(`http://${address?.host}:${address?.port}/leak`).catch(() => {});
  const ended = await until("it to have run out of memory", async () => {
    const seen = await observed();
    return seen.lastExit?.outOfMemory === true ? seen : null;
  });
  expect(ended.lastExit?.code).toBe(137);
});
