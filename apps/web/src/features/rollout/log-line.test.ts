import { describe, expect, it } from "vitest";
import { readLogLine } from "./log-line.ts";

const line = (text: string, stream: "stdout" | "stderr" = "stdout") => ({
  at: "2026-11-22T12:00:00.000Z",
  stream,
  line: text,
});

describe("a line of a gateway's log", () => {
  it("reads as message and what belongs to it", () => {
    expect(
      readLogLine(
        line('{"level":40,"time":1,"pid":7,"msg":"lease lost","shard":3,"error":{"a":1}}'),
      ),
    ).toEqual({
      level: "warn",
      text: "lease lost  shard=3",
    });
  });

  it("stands as it is when it is no JSON", () => {
    for (const text of ["plain words", '{"broken', '{"no":"message"}']) {
      expect(readLogLine(line(text, "stderr"))).toEqual({ level: "error", text });
    }
  });
});
