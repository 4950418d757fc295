import { expect, test } from "vitest";
import { complaint, NO_PROGRESS, readReload, reloadOutcome } from "./nginx-log.ts";
import { serves } from "./probe.ts";

const outcomeOf = (...lines: string[]) => reloadOutcome(lines.reduce(readReload, NO_PROGRESS));

test("nginx's own words are told without its times and process numbers, each once", () => {
  const refused = [
    'nginx: [emerg] unknown directive "least_con" in /chela/b/nginx.conf:44',
    "nginx: configuration file /chela/b/nginx.conf test failed",
  ].join("\n");
  expect(complaint(refused)).toBe('unknown directive "least_con" in /chela/b/nginx.conf:44');
  const bind = "2026/11/22 12:00:00 [emerg] 7#7: bind() to 0.0.0.0:80 failed (98: Address in use)";
  expect(complaint(`${bind}\n${bind}`)).toBe("bind() to 0.0.0.0:80 failed (98: Address in use)");
  expect(complaint("nginx: configuration file test is successful")).toBeNull();
});

test("a reload has taken once new workers serve and as many old ones have stopped listening", () => {
  const started = "2026/11/22 12:00:00 [notice] 7#7: start worker process 31";
  const leaving = "2026/11/22 12:00:00 [notice] 29#29: gracefully shutting down";
  expect(outcomeOf("[notice] 7#7: signal 1 (SIGHUP) received, reconfiguring", started)).toBeNull();
  expect(outcomeOf(started, started, leaving)).toBeNull();
  expect(outcomeOf(started, started, leaving, leaving)).toEqual({ taken: true });
  const refused = "2026/11/22 12:00:00 [emerg] 7#7: bind() to 0.0.0.0:80 failed";
  expect(outcomeOf(refused)).toEqual({
    taken: false,
    message: "bind() to 0.0.0.0:80 failed",
  });
});

test("a new configuration must serve where the old one did; else nginx's own answer is enough", () => {
  const result = (ok: boolean, status: number | null) => ({ ok, status, ms: 1 });
  expect(serves(result(true, 200), result(true, 200))).toBe(true);
  expect(serves(result(true, 200), result(false, 503))).toBe(false);
  expect(serves(result(false, 503), result(false, 503))).toBe(true);
  expect(serves(null, result(false, null))).toBe(false);
});
