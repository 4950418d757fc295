import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { EXIT } from "./exit-codes.ts";
import { programOf } from "./program.ts";

const DOCUMENTED = readFileSync(new URL("../../../docs/OPERATIONS.md", import.meta.url), "utf8")
  .split(/^## /m)
  .find((chapter) => chapter.startsWith("The command line"))!;

const program = programOf(
  "0",
  () => async () => {},
  () => async () => {},
);

const leavesOf = (command: Command, before: string[] = []): { name: string; command: Command }[] =>
  command.commands.flatMap((each) => {
    const path = [...before, each.name()];
    return each.commands.length > 0
      ? leavesOf(each as Command, path)
      : [{ name: path.join(" "), command: each as Command }];
  });
const leaves = leavesOf(program);

describe("every command", () => {
  it("says what it does", () => {
    expect(leaves.length).toBeGreaterThan(40);
    expect(leaves.filter(({ command }) => command.description() === "")).toEqual([]);
  });

  it("stands in docs/OPERATIONS.md", () => {
    const missing = leaves
      .map(({ name }) => name.split(" "))
      .filter(([room, verb]) => {
        const row = DOCUMENTED.split("\n").find((line) => line.includes(`\`${room}`));
        return row === undefined || (verb !== undefined && !row.includes(verb));
      });
    expect(missing).toEqual([]);
  });

  it("that changes something for good, or at once for others, can be told not to ask", () => {
    const asking = ["promote", "rollout start", "rollout rollback", "gateways restart", "restore"];
    const without = leaves
      .filter(({ name }) => asking.includes(name))
      .filter(({ command }) => !command.options.some(({ long }) => long === "--yes"));
    expect(without).toEqual([]);
  });
});

it("every exit code stands in docs/OPERATIONS.md, and no other", () => {
  const documented = [...DOCUMENTED.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(documented).toEqual(Object.values(EXIT));
});
