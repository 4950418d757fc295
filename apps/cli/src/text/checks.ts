import type { Check } from "@chela/shared/fleet/view";
import { EXIT } from "../exit-codes.ts";
import { Problem } from "../problem.ts";
import { onOneLine } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";
import { CHECK_TONES } from "./tones.ts";

/** Pure: named checks, one line each. */
export const checkLines = (checks: readonly Check[], style: Style): string[] =>
  checks.map(
    ({ name, verdict, detail }) =>
      `${style(CHECK_TONES[verdict], verdict.padEnd(4))}  ${name}: ${onOneLine(detail)}`,
  );

/** @throws Problem that names the checks that fail: what is refused anyway is not asked about. */
export function mustPass(checks: readonly Check[]): void {
  const failed = checks.filter(({ verdict }) => verdict === "fail");
  if (failed.length === 0) return;
  const sentence = failed.map(({ name, detail }) => `${name}: ${detail}`).join(" ");
  throw new Problem(EXIT.refused, "preflight-failed", sentence);
}
