import { TestClock } from "@chela/shared/clock/test-clock";
import type { FleetSpec } from "@chela/shared/fleet/spec";
import { pino } from "pino";
import { beforeEach, describe, expect, it } from "vitest";
import type { FleetState } from "../state/read-state.ts";
import { Fleets } from "./fleets.ts";
import type { FleetOwn, FleetRuntime } from "./runtime.ts";

const spec = (fleet: string) => ({ fleet }) as FleetSpec;
let known: FleetSpec[];
let broken: Set<string>;
let opened: FleetOwn[];
let running: Set<string>;
let clock: TestClock;

beforeEach(() => {
  known = [spec("one")];
  broken = new Set();
  opened = [];
  running = new Set();
  clock = new TestClock();
});

/** As much of a fleet as begins and ends. */
function runtimeOf(own: FleetOwn): FleetRuntime {
  const { fleet } = own.first;
  opened.push(own);
  const runtime = {
    name: fleet,
    async run(signal: AbortSignal) {
      running.add(fleet);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      running.delete(fleet);
    },
  };
  return runtime as unknown as FleetRuntime;
}

const open = () =>
  Fleets.open({
    clock,
    log: pino({ level: "silent" }),
    first: spec("one"),
    local: { secret: "s", edgeUrl: "http://127.0.0.1:8080" },
    known: async () => known,
    async stateOf(fleet) {
      if (broken.has(fleet)) throw new Error(`fleets/${fleet}/gateway.json cannot be read`);
      return {} as FleetState;
    },
    open: async (own) => runtimeOf(own),
  });

describe("the fleets of a console", () => {
  it("are found by name, and a refusal names those that there are", async () => {
    known.push(spec("two"));
    const fleets = await open();
    expect(fleets.get("two").name).toBe("two");
    expect(() => fleets.get("three")).toThrow(
      expect.objectContaining({
        code: "NOT_FOUND",
        reason: "no-such-fleet",
        message: "There is no fleet three: this console runs one, two.",
      }),
    );
  });

  it("only the first has the host beside the console", async () => {
    known.push(spec("two"));
    await open();
    expect(opened.map(({ first, local }) => [first.fleet, local !== null])).toEqual([
      ["one", true],
      ["two", false],
    ]);
  });

  it("begin and end while the others go on", async () => {
    const fleets = await open();
    const stop = new AbortController();
    const ended = fleets.run(stop.signal);
    await fleets.begin(spec("two"));
    expect([...running]).toEqual(["one", "two"]);
    await fleets.end("two");
    expect([...running]).toEqual(["one"]);
    expect(fleets.find("two")).toBeUndefined();
    stop.abort();
    await ended;
    expect([...running]).toEqual([]);
  });

  it("one whose files are broken keeps no other from running, and comes once they are whole", async () => {
    known.push(spec("two"), spec("three"));
    broken.add("two");
    const fleets = await open();
    expect(fleets.names).toEqual(["one", "three"]);
    const stop = new AbortController();
    const ended = fleets.run(stop.signal);
    broken.clear();
    await clock.advance(5_000);
    await expect.poll(() => fleets.names).toEqual(["one", "three", "two"]);
    stop.abort();
    await ended;
  });

  it("follow what another console of the same store makes and removes", async () => {
    const fleets = await open();
    const stop = new AbortController();
    const ended = fleets.run(stop.signal);
    known.push(spec("two"));
    await clock.advance(5_000);
    await expect.poll(() => fleets.names).toEqual(["one", "two"]);
    known = [spec("one")];
    await clock.advance(5_000);
    await expect.poll(() => [...running]).toEqual(["one"]);
    stop.abort();
    await ended;
  });
});
