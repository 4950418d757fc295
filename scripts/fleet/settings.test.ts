import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rememberedSettings, resolveSettings, SETTINGS_FILE, settingsText } from "./settings.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "chela-settings-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const remember = (env: Record<string, string>) =>
  writeFileSync(join(dir, SETTINGS_FILE), settingsText(resolveSettings(dir, env, {})));

test("a second run without any variable finds the same fleet again", () => {
  remember({ CHELA_NAME: "two", CHELA_EDGE_PORT: "9090", DATABASE_URL: "postgres://a:b$c#d@h/e" });
  expect(resolveSettings(dir, {}, rememberedSettings(dir))).toMatchObject({
    CHELA_NAME: "two",
    CHELA_EDGE_PORT: "9090",
    DATABASE_URL: "postgres://a:b$c#d@h/e",
    CHELA_STATE_DIR: dir,
  });
});

test("a port that contradicts the state directory is refused, with what to do", () => {
  remember({ CHELA_EDGE_PORT: "9090" });
  expect(() => resolveSettings(dir, { CHELA_EDGE_PORT: "9091" }, rememberedSettings(dir))).toThrow(
    /9091.*was set up with 9090/,
  );
});

test("another name does not take over a state directory", () => {
  remember({});
  expect(() => resolveSettings(dir, { CHELA_NAME: "two" }, rememberedSettings(dir))).toThrow(
    /CHELA_NAME=two/,
  );
});

test("an address that other hosts cannot use is refused", () => {
  for (const CHELA_BIND of ["0.0.0.0", "203.0.113.7", "example.com"]) {
    expect(() => resolveSettings(dir, { CHELA_BIND }, {}), CHELA_BIND).toThrow(/not an address/);
  }
});

test("passwords are not remembered", () => {
  remember({ CHELA_ADMIN_PASSWORD: "correct horse", REDIS_URL: "redis://u:secret@h:1/0" });
  expect(JSON.stringify(rememberedSettings(dir))).not.toMatch(/correct horse|secret/);
});

test("a fleet on an operator's own Redis stays on it, one with its own is not moved", () => {
  remember({ REDIS_URL: "redis://h:1/0" });
  expect(resolveSettings(dir, {}, rememberedSettings(dir)).CHELA_REDIS_REPLICAS).toBe("0");
  remember({});
  expect(() =>
    resolveSettings(dir, { REDIS_URL: "redis://h:1/0" }, rememberedSettings(dir)),
  ).toThrow(/has a Redis of its own/);
});
