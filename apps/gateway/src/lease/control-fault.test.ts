import { KEY_LAYOUT_VERSION } from "@chela/shared/keys/keys";
import { expect, test } from "vitest";
import { readControl } from "./control-fault.ts";

const record = {
  layout: String(KEY_LAYOUT_VERSION),
  shards: "16",
  mode: "active-standby",
  actives: "1",
  preferred: '["gw-1"]',
  generation: "3",
  operation: "",
};
const code = (fields: Record<string, string>, shards: number | null = null) => {
  const read = readControl(fields, shards);
  return "fault" in read ? read.fault.split(":")[0] : null;
};

test("a gateway that disagrees on layout or number of shards is at fault, and so never ready", () => {
  expect(code(record)).toBeNull();
  expect(code(record, 16)).toBeNull();
  expect(code({ ...record, layout: "2" })).toBe("layout-differs");
  expect(code(record, 8)).toBe("shards-differ");
});

test("a damaged record names the fields that cannot be read", () => {
  expect(code({ ...record, preferred: "gw-1" })).toBe("control-unreadable");
  const read = readControl({ ...record, shards: "many", generation: "-1" }, null);
  expect("fault" in read && read.fault).toMatch(/shards.*generation/);
});
