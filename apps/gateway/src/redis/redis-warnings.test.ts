import { expect, test } from "vitest";
import { warningsFrom } from "./redis-warnings.ts";

const info = (policy: string, demandsReplicas: boolean) =>
  [
    "# Memory",
    `maxmemory_policy:${policy}`,
    "# Replication",
    "role:master",
    ...(demandsReplicas ? ["min_slaves_good_slaves:1"] : []),
  ].join("\r\n");

const codes = (warnings: string[]) => warnings.map((warning) => warning.split(":")[0]);

test("a Redis that may evict is warned of, whoever must have a write", () => {
  expect(codes(warningsFrom(info("allkeys-lru", true), "replica"))).toEqual(["redis-evicts"]);
  expect(codes(warningsFrom(info("volatile-ttl", false), "primary"))).toEqual(["redis-evicts"]);
  expect(warningsFrom(info("noeviction", false), "primary")).toEqual([]);
});

test("ack replica warns of a primary that takes writes without any replica", () => {
  expect(codes(warningsFrom(info("noeviction", false), "replica"))).toEqual([
    "redis-accepts-alone",
  ]);
  expect(warningsFrom(info("noeviction", true), "replica")).toEqual([]);
});

test("an INFO that is kept from this user warns of nothing that was not seen", () => {
  expect(warningsFrom("", "primary")).toEqual([]);
});
