import { expect, test } from "vitest";
import { z } from "zod";
import { parseConfig } from "./parse.ts";
import { parseSecrets } from "./secrets.ts";

const schema = z.strictObject({
  redis: z.strictObject({ port: z.number(), password: z.string().min(3) }),
  name: z.string(),
});

test("all faults are told at once, each with its path", () => {
  const text = JSON.stringify({ redis: { port: "x", password: "{{PW}}", extra: 1 }, nmae: "a" });
  const parsed = parseConfig(schema, text, {});
  expect(parsed.ok).toBe(false);
  if (parsed.ok) return;
  expect(parsed.faults.map((fault) => fault.path).sort()).toEqual([
    "name",
    "nmae",
    "redis.extra",
    "redis.password",
    "redis.port",
  ]);
  expect(parsed.faults.find((fault) => fault.path === "redis.password")?.message).toContain("PW");
});

test("templates are filled, also inside a longer string", () => {
  const text = JSON.stringify({ redis: { port: 1, password: "{{A}}-{{ B }}" }, name: "n" });
  const parsed = parseConfig(schema, text, { A: "left", B: "$&right" });
  expect(parsed).toEqual({
    ok: true,
    value: { redis: { port: 1, password: "left-$&right" }, name: "n" },
  });
});

test("a name that every object inherits is not a secret", () => {
  const text = JSON.stringify({ redis: { port: 1, password: "{{constructor}}" }, name: "n" });
  expect(parseConfig(schema, text, {}).ok).toBe(false);
});

test("no fault repeats a value", () => {
  const secret = "hunter2-hunter2";
  for (const text of [
    `{"redis": {"password": "${secret}" "port": 1}}`,
    `{"redis": ${secret}}`,
    JSON.stringify({ redis: { port: secret, password: [secret] }, name: { [`x`]: secret } }),
  ]) {
    expect(JSON.stringify(parseConfig(schema, text, {}))).not.toContain("hunter2");
  }
});

test("a secrets file takes comments, quotes and equal signs; a faulty line is named by number only", () => {
  const parsed = parseSecrets("# c\n\nA=1\nexport B=\"x y\"\nC='q'\nD=a=b==\nnonsense hunter2\n");
  expect(parsed.values).toEqual({ A: "1", B: "x y", C: "q", D: "a=b==" });
  expect(parsed.faults).toEqual([{ path: "secrets line 7", message: "is not NAME=value" }]);
});
