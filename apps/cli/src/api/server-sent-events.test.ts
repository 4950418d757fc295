import { expect, test } from "vitest";
import { serverSentEvents } from "./server-sent-events.ts";

async function* pieces(...texts: string[]) {
  yield* texts;
}
async function all(...texts: string[]) {
  const events = [];
  for await (const event of serverSentEvents(pieces(...texts))) events.push(event);
  return events;
}

test("an event is the same however its text was cut", async () => {
  const text = 'id: b-1\ndata: {"a":1}\n\n: ping\n\ndata: x\ndata: y\r\n\r\n';
  const whole = await all(text);
  expect(whole).toEqual([
    { id: "b-1", data: '{"a":1}' },
    { id: null, data: "x\ny" },
  ]);
  expect(await all(...text)).toEqual(whole);
});

test("what was cut off in its middle is no event", async () => {
  expect(await all('id: 1\ndata: {"a"')).toEqual([]);
});
