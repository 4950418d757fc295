import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root } from "../config.ts";

test("docker-compose.yml names the images of this version", () => {
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
  const compose = readFileSync(`${root}/docker-compose.yml`, "utf8");
  const tags = [...compose.matchAll(/chela\/[a-z]+:(\S+)/g)].map((match) => match[1]);
  expect(tags.length).toBeGreaterThan(0);
  expect(new Set(tags)).toEqual(new Set([version]));
});
