import { expect, it } from "vitest";
import { drainButton, fateInWords } from "./drain-words.ts";

const gateway = { gateway: "gw-1", role: "active" as const };

it("names where each gateway goes on, and under which name", () => {
  expect([
    fateInWords({ ...gateway, fate: "moved", to: "host-b", by: "gw-1" }),
    fateInWords({ ...gateway, fate: "replaced", to: "host-b", by: "gw-3" }),
    fateInWords({ ...gateway, fate: "removed", to: null, by: null }),
  ]).toEqual([
    "goes on on host-b, under its own name",
    "gw-3 is started on host-b first, then it is removed",
    "is drained and removed",
  ]);
});

it("calls draining a host without gateways what it is", () => {
  expect([drainButton("host-a", 0), drainButton("host-a", 2)]).toEqual([
    "Cordon host-a",
    "Drain host-a",
  ]);
});
