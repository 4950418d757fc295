import type { LogLine } from "@chela/shared/fleet/view";

const LEVELS: Record<number, string> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};
/** What every line of a gateway repeats. */
const COMMON = new Set([
  "level",
  "time",
  "pid",
  "hostname",
  "msg",
  "gateway",
  "fleet",
  "incarnation",
]);

/** Pure: a JSON log line as a reader wants it; any other line as it stands. */
export function readLogLine(line: LogLine): { level: string; text: string } {
  const plain = { level: line.stream === "stderr" ? "error" : "info", text: line.line };
  if (!line.line.startsWith("{")) return plain;
  try {
    const parsed = JSON.parse(line.line) as Record<string, unknown>;
    if (typeof parsed["msg"] !== "string") return plain;
    const rest = Object.entries(parsed)
      .filter(([key, value]) => !COMMON.has(key) && value !== null && typeof value !== "object")
      .map(([key, value]) => `${key}=${String(value)}`);
    return {
      level: LEVELS[Number(parsed["level"])] ?? "info",
      text: [parsed["msg"], ...rest].join("  "),
    };
  } catch {
    return plain;
  }
}
