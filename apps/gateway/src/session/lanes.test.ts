import fc from "fast-check";
import { expect, test } from "vitest";
import { Gate, Lanes } from "./lanes.ts";

const turns = fc.array(
  fc.record({ session: fc.constantFrom("a", "b", "c", "d"), hops: fc.nat(4) }),
  {
    maxLength: 60,
  },
);

test("turns of one session run one at a time and in order, whatever they take, under any bound", async () => {
  await fc.assert(
    fc.asyncProperty(turns, fc.integer({ min: 1, max: 5 }), async (list, bound) => {
      const lanes = new Lanes(new Gate(bound));
      const ended: Record<string, number[]> = {};
      const running = new Map<string, number>();
      let atOnce = 0;
      await Promise.all(
        list.map(
          ({ session, hops }, index) =>
            new Promise<void>((resolve) => {
              lanes.add(session, async () => {
                running.set(session, (running.get(session) ?? 0) + 1);
                expect(running.get(session)).toBe(1);
                atOnce += 1;
                expect(atOnce).toBeLessThanOrEqual(bound);
                for (let hop = 0; hop < hops; hop++) await Promise.resolve();
                atOnce -= 1;
                running.set(session, 0);
                ended[session] = [...(ended[session] ?? []), index];
                resolve();
              });
            }),
        ),
      );
      for (const order of Object.values(ended)) {
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }
    }),
  );
});

test("sessions run side by side: a slow one holds nobody else up", async () => {
  const lanes = new Lanes(new Gate(2));
  let release = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  lanes.add("slow", () => slow);
  await new Promise<void>((resolve) => lanes.add("quick", async () => resolve()));
  release();
});

test("after close nothing new begins", async () => {
  const lanes = new Lanes(new Gate(1));
  const ran: string[] = [];
  let release = () => {};
  const first = new Promise<void>((resolve) => {
    release = resolve;
  });
  lanes.add("a", async () => {
    ran.push("first");
    await first;
  });
  lanes.add("a", async () => {
    ran.push("second");
  });
  lanes.add("b", async () => {
    ran.push("third");
  });
  await Promise.resolve();
  lanes.close();
  lanes.add("c", async () => {
    ran.push("fourth");
  });
  release();
  await new Promise((resolve) => setImmediate(resolve));
  expect(ran).toEqual(["first"]);
});
