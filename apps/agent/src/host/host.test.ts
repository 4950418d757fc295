import { describe, expect, test } from "vitest";
import { readConfig } from "../config.ts";
import { chooseAddress } from "./address.ts";
import { parseCpuTimes, parseMemory } from "./machine.ts";

describe("the address under which this host's ports are reached", () => {
  const facts = {
    ...{ configured: null, consoleHost: "console.example.com", linkAddress: "10.0.0.7" },
    ...{ bridgeAddress: "172.18.0.1", interfaces: ["127.0.0.1", "10.0.0.7"] },
  };
  test.each([
    ["what the operator says", { configured: "192.0.2.1" }, "192.0.2.1"],
    ["its end of the link to a console elsewhere", {}, "10.0.0.7"],
    ["also when Node writes it as IPv6", { linkAddress: "::ffff:10.0.0.7" }, "10.0.0.7"],
    [
      "the bridge's, beside the console",
      { consoleHost: "127.0.0.1", linkAddress: "127.0.0.1" },
      "172.18.0.1",
    ],
    ["one of its own while the link is down", { linkAddress: null }, "10.0.0.7"],
    ["never loopback", { linkAddress: "127.0.0.1", bridgeAddress: null, interfaces: [] }, null],
  ])("is %s", (_what, more, address) => {
    expect(chooseAddress({ ...facts, ...more })).toBe(address);
  });
});

test("the machine's figures are read as the kernel writes them", () => {
  expect(parseCpuTimes("cpu  100 5 45 800 50 0 0 0 7 0\ncpu0 1 1 1 1\n")).toEqual({
    ...{ busy: 150, all: 1_000 },
  });
  expect(parseCpuTimes("")).toBeNull();
  const meminfo = "MemTotal:        2048 kB\nMemFree: 1 kB\nMemAvailable:     512 kB\n";
  expect(parseMemory(meminfo)).toEqual({ total: 2_097_152, used: 1_572_864 });
  expect(parseMemory("")).toBeNull();
});

describe("configuration", () => {
  const CHELA_CONSOLE = "ws://127.0.0.1:4400/agent";

  test("needs the console only; an empty variable is one that is not set", () => {
    const loaded = readConfig({ CHELA_CONSOLE, CHELA_ADDRESS: "", CHELA_JOIN_TOKEN: "" });
    expect(loaded).toMatchObject({
      ok: true,
      config: { fleet: "chela", address: null, joinToken: null, secretFile: "/data/secret" },
    });
  });

  test("names every fault at once, in sentences", () => {
    const loaded = readConfig({ CHELA_NAME: "Über", CHELA_ADDRESS: "127.0.0.1" });
    if (loaded.ok) throw new Error("It was accepted.");
    expect(loaded.faults).toHaveLength(3);
    expect(loaded.faults.join(" ")).toMatch(/CHELA_NAME is .*CHELA_CONSOLE is missing.*loopback/);
  });
});
