import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { joinScript } from "./join-script.ts";

const input = {
  consoleUrl: "https://console.example.com:8443/",
  fleet: "chela",
  host: "berlin-2",
  token: "cj_abc-DEF_123",
  image: "chela/agent:0.1.0",
};

test("is a shell script that starts this fleet's agent against this console", () => {
  const script = joinScript(input);
  expect(spawnSync("sh", ["-n"], { input: script }).stderr.toString()).toBe("");
  expect(script).toContain("LINK='wss://console.example.com:8443/agent'");
  expect(script).toContain("NAME='chela-agent-berlin-2'");
  expect(joinScript({ ...input, consoleUrl: "http://10.0.0.1:4400" })).toContain(
    "LINK='ws://10.0.0.1:4400/agent'",
  );
});

test("refuses every value that a shell could read as syntax", () => {
  for (const value of ["a'b", "$(id)", "`id`", "a b", "a\nb", "", "-x"]) {
    for (const field of ["fleet", "host", "token", "image"] as const) {
      expect(() => joinScript({ ...input, [field]: value }), `${field} ${value}`).toThrow();
    }
  }
  expect(() => joinScript({ ...input, consoleUrl: "file:///etc" })).toThrow();
});

test("says what is missing when there is no Docker", () => {
  const run = spawnSync("/bin/sh", { input: joinScript(input), env: { PATH: "/nonexistent" } });
  expect(run.status).not.toBe(0);
  expect(run.stderr.toString()).toMatch(/^Not joined: curl is missing\. Install it/);
});
