import { TestClock } from "@chela/shared/clock/test-clock";
import { Refusal } from "@chela/shared/errors/refusal";
import type { Order } from "@chela/shared/operation/action";
import { pino } from "pino";
import { beforeEach, describe, expect, it } from "vitest";
import { type Act, Executor, NotNow } from "./executor.ts";
import { STANDING_BY, StaleController } from "./stale-controller.ts";

const order: Order = { key: "1-verify", action: { type: "verify" } };
let act: Act;
let stale: number;
let clock: TestClock;
let executor: Executor;
beforeEach(() => {
  stale = 0;
  clock = new TestClock();
  executor = new Executor({
    act: (...given) => act(...given),
    clock,
    log: pino({ level: "silent" }),
    onChange: () => {},
    onStale: () => {
      stale++;
    },
  });
});
const result = () => executor.results("op_1").get(order.key);
const want = () => executor.want("op_1", [order]);

describe("an order that is refused because another console acts", () => {
  it.each([
    ["by a door", () => new StaleController("Redis")],
    ["by this console itself", () => new Refusal("SERVICE_UNAVAILABLE", STANDING_BY, "It waits.")],
  ])(
    "%s is no outcome of its step, and is given again if this one acts all the same",
    async (_, fault) => {
      let tries = 0;
      act = async () => {
        if (tries++ === 0) throw fault();
        return { ok: true, detail: null };
      };
      want();
      await expect.poll(() => stale).toBe(1);
      expect(result()).toBeUndefined();
      want();
      await expect.poll(result).toEqual({ ok: true, detail: null });
    },
  );
});

it("what an action itself refuses is its outcome, with its reason", async () => {
  act = async () => {
    throw new Refusal("PRECONDITION_FAILED", "floor-would-break", "One too few.");
  };
  want();
  await expect
    .poll(result)
    .toEqual({ ok: false, reason: "floor-would-break", message: "One too few." });
  expect(stale).toBe(0);
});

it("what does not answer is asked again until its time is over", async () => {
  act = async () => {
    throw new NotNow("silent");
  };
  want();
  await expect.poll(() => executor.waitingFor("op_1")).toBe("silent");
  await expect
    .poll(
      async () => {
        await clock.advance(500);
        return result();
      },
      { interval: 1 },
    )
    .toEqual({ ok: false, reason: "no-answer", message: "silent" });
});

it("stop answers once nothing of what was begun goes on any more", async () => {
  let finish = () => {};
  let ended = false;
  act = () =>
    new Promise((resolve) => {
      finish = () => resolve({ ok: true, detail: null });
    });
  want();
  const stopped = executor.stop().then(() => {
    ended = true;
  });
  await Promise.resolve();
  expect(ended).toBe(false);
  finish();
  await stopped;
  expect(result()).toBeUndefined();
});
