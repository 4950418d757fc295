import { expect, test } from "vitest";
import type { ContainerView } from "../docker/port.ts";
import { gatewayObservations } from "./observation.ts";

const view = (id: string, gateway: string, name: string): ContainerView => ({
  ...{ id, name, image: "i", imageId: "sha256:1", labels: { "chela.gateway": gateway } },
  ...{ state: "running", exitCode: null, outOfMemory: false, startedAt: null, finishedAt: null },
  ...{ restarts: 0, address: null, published: null },
});
const facts = () => ({
  ...{ note: { status: null, at: null, error: null }, usage: null, restarts: 0, lastExit: null },
});
const observed = (...views: ContainerView[]) =>
  gatewayObservations(views, "chela", facts, () => ({ port: 20_001, secondPort: 20_002 })).map(
    ({ gateway, containerId, surge }) => [gateway, containerId, surge?.containerId ?? null],
  );

test("of two containers of one gateway the one with the plain name serves, the other is its surge", () => {
  const next = view("b", "gw-1", "chela-gw-1-next");
  const plain = view("a", "gw-1", "chela-gw-1");
  expect(observed(next, plain)).toEqual([["gw-1", "a", "b"]]);
});

test("a surge container that is alone serves; a gateway whose own name ends in -next is nobody's surge", () => {
  expect(observed(view("b", "gw-1", "chela-gw-1-next"))).toEqual([["gw-1", "b", null]]);
  const named = view("c", "gw-1-next", "chela-gw-1-next");
  expect(observed(view("a", "gw-1", "chela-gw-1"), named)).toEqual([
    ["gw-1", "a", null],
    ["gw-1-next", "c", null],
  ]);
});
