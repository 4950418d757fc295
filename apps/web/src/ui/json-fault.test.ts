import { expect, it } from "vitest";
import { jsonFault } from "./json-fault.ts";

const GOOD = [
  '{"a": [1, -2.5e3, true, null, "x\\u00e9\\n"], "b": {}}',
  " [] ",
  '""',
  "0",
  '{"k": "{{REDIS_PASSWORD}}"}',
];
const BAD = [
  "",
  "{",
  '{"a" 1}',
  '{"a": 1,}',
  "[1 2]",
  "01",
  '"\n"',
  "tru",
  '{"a": "\\x"}',
  "{} {}",
];

it("finds a fault exactly where JSON.parse does", () => {
  for (const text of [...GOOD, ...BAD]) {
    let parses = true;
    try {
      JSON.parse(text);
    } catch {
      parses = false;
    }
    expect([text, jsonFault(text) === null]).toEqual([text, parses]);
  }
});

it("names line, column, what is due and what stands there", () => {
  expect(jsonFault('{\n  "a": 1\n  "b": 2\n}')).toEqual({
    line: 3,
    column: 3,
    sentence: 'Line 3: a comma or } is due, not ".',
  });
  expect(jsonFault('{"a": ')).toMatchObject({
    line: 1,
    sentence: "Line 1: a value is due, but it ends.",
  });
});
