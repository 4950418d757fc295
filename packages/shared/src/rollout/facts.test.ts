import { describe, expect, it } from "vitest";
import type { Observation } from "../fleet/observation.ts";
import { fakeView } from "../fleet/testing/fake-view.ts";
import { rolloutFacts } from "./facts.ts";

const view = fakeView([
  { name: "a", release: 1, shards: 16 },
  { name: "b", release: 2, shards: 0, healthy: false },
]);
const container = (gateway: string, over: object = {}) => ({
  ...{ gateway, startedAt: "2026-01-01T00:00:00.000Z", restarts: 0, state: "running" },
  ...{ address: { host: "10.0.0.1", port: 29_600 }, lastExit: null, status: null },
  ...over,
});
const edge = (failed: number, running = true) => ({
  running,
  answers: [
    { upstream: "10.0.0.1:29600", failed, slow: 1 },
    { upstream: "10.0.0.1:29601", failed: 99, slow: 99 },
  ],
});
const seen = (gateways: object[], edges: object[]): Observation =>
  ({ hosts: [{ name: "local", report: { gateways, edges } }] }) as unknown as Observation;
const figures = (gateways: object[], edges: object[] = []) =>
  rolloutFacts(view, seen(gateways, edges)).gateways[0]!.figures;

describe("what a gateway is judged by", () => {
  it("is what its agent reports of the container that serves", () => {
    const { gateways } = rolloutFacts(view, seen([container("a", { restarts: 2 })], []));
    expect(gateways[0]).toMatchObject({ name: "a", healthy: true, shards: 16, release: 1 });
    expect(gateways[0]?.figures).toMatchObject({ restarts: 2, running: true, answers: null });
    expect(gateways[1]).toMatchObject({ name: "b", healthy: false, seen: true });
  });

  it("names how its last run ended", () => {
    const lastExit = { code: 137, outOfMemory: true, at: "" };
    const died = container("a", { state: "exited", lastExit });
    expect(figures([died])).toMatchObject({
      running: false,
      exit: "exit code 137, out of memory",
    });
  });

  it("adds up what all edges saw of its own address; none is not the same as nothing", () => {
    expect(figures([container("a")], [edge(2), edge(3)]).answers).toEqual({
      upstream: "10.0.0.1:29600",
      failed: 5,
      slow: 2,
    });
    expect(figures([container("a")], [edge(2, false)]).answers).toBeNull();
  });

  it("is nothing where nothing was observed", () => {
    const [first] = rolloutFacts(view, null).gateways;
    expect(first?.figures).toMatchObject({ counts: null, answers: null, running: true });
  });
});
