import { expect, test } from "vitest";
import { coloured, plain } from "./style.ts";
import { table } from "./table.ts";

const ROWS = [
  { name: "gw-1", sessions: 12, note: "" },
  { name: "gw-10", sessions: 7, note: "" },
];
const COLUMNS = [
  { title: "GATEWAY", of: ({ name }: (typeof ROWS)[number]) => name },
  { title: "SESSIONS", of: ({ sessions }: (typeof ROWS)[number]) => `${sessions}`, right: true },
  { title: "NOTE", of: ({ note }: (typeof ROWS)[number]) => note },
];

test("columns stand below each other, empty ones are left out", () => {
  expect(table(ROWS, COLUMNS, plain)).toEqual([
    "GATEWAY  SESSIONS",
    "gw-1           12",
    "gw-10           7",
  ]);
});

test("colour takes no room", () => {
  const columns = [
    { title: "A", of: () => coloured("good", "healthy") },
    { title: "B", of: () => "x" },
  ];
  expect(table([0], columns, plain)[1]).toBe("\u001b[32mhealthy\u001b[39m  x");
});
