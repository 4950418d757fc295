import { expect, test } from "vitest";
import type { ContainerView } from "../docker/port.ts";
import { Exits } from "./exits.ts";

const T0 = Date.parse("2026-01-01T00:00:00Z");
const iso = (ms: number) => new Date(T0 + ms).toISOString();
const view = (more: Partial<ContainerView> = {}): ContainerView => ({
  ...{ id: "c", name: "chela-gw-1", image: "i", imageId: "sha256:1", labels: {}, state: "running" },
  ...{ exitCode: null, outOfMemory: false, startedAt: iso(0), finishedAt: null, restarts: 0 },
  ...{ address: null, published: null, ...more },
});
const ended = view({ state: "exited", exitCode: 137, finishedAt: iso(1_000) });

test("a gateway's restarts rise when the agent brings it back, though Docker counts anew from there", () => {
  const exits = new Exits();
  const seen: number[] = [];
  const look = (of: ContainerView) => {
    exits.saw([of]);
    seen.push(exits.restarts(of));
  };
  look(view({ restarts: 2 }));
  look({ ...ended, restarts: 2 });
  exits.bringingBack({ ...ended, restarts: 2 });
  look({ ...ended, restarts: 2 });
  look(view({ startedAt: iso(2_000), restarts: 0 }));
  look(view({ startedAt: iso(3_000), restarts: 1 }));
  const again = { ...ended, startedAt: iso(3_000), restarts: 1 };
  exits.bringingBack(again);
  look(again);
  look(view({ startedAt: iso(5_000), restarts: 0 }));
  expect(seen).toEqual([2, 2, 2, 3, 4, 4, 5]);
});

test("how the last run ended is known after Docker has forgotten it", () => {
  const exits = new Exits();
  exits.ranOutOfMemory("c", T0 + 990);
  exits.died("c", 137, T0 + 1_000);
  exits.saw([view({ startedAt: iso(2_000), restarts: 1 })]);
  expect(exits.lastExit("c")).toEqual({ code: 137, outOfMemory: true, at: iso(1_000) });
  exits.died("c", 1, T0 + 60_000);
  expect(exits.lastExit("c")).toEqual({ code: 1, outOfMemory: false, at: iso(60_000) });
});

test("a death whose event was missed shows in Docker's own state; a stop by an operation is no kill for memory", () => {
  const exits = new Exits();
  exits.saw([{ ...ended, outOfMemory: true }]);
  expect(exits.lastExit("c")).toMatchObject({ code: 137, outOfMemory: true });
  exits.saw([{ ...ended, finishedAt: iso(90_000), exitCode: 0 }]);
  expect(exits.lastExit("c")).toMatchObject({ code: 0, outOfMemory: false });
});

test("what is not on this host any more leaves nothing behind", () => {
  const exits = new Exits();
  exits.died("c", 1, T0);
  exits.saw([view({ id: "other" })]);
  expect(exits.lastExit("c")).toBeNull();
});
