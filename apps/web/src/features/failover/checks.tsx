import type { Check, CheckVerdict } from "@chela/shared/fleet/view";
import { Icon } from "../../ui/icon.tsx";
import type { Status } from "../../ui/status.tsx";
import { checkInWords } from "./wording.ts";

const VERDICTS: Record<CheckVerdict, Status> = {
  pass: { tone: "pass", icon: "st-pass", word: "Pass" },
  warn: { tone: "warn", icon: "st-warn", word: "Warning" },
  fail: { tone: "fail", icon: "st-fail", word: "Fail" },
};
const ORDER: readonly CheckVerdict[] = ["fail", "warn", "pass"];

/** Each with its evidence; what needs attention first. */
export const Checks = ({ checks }: { checks: readonly Check[] }) => (
  <ul className="checks">
    {ORDER.flatMap((verdict) => checks.filter((check) => check.verdict === verdict)).map(
      (check) => {
        const status = VERDICTS[check.verdict];
        return (
          <li key={check.name}>
            <span className={`ic ${status.tone}`}>
              <Icon name={status.icon} />
            </span>
            <p>
              <b>{checkInWords(check.name)}</b> <span className="check-d">{check.detail}</span>
            </p>
            <span className={`wd ${status.tone}`}>{status.word}</span>
          </li>
        );
      },
    )}
  </ul>
);

/** "5 pass, 1 warning, 0 fail". */
export function checksInWords(checks: readonly Check[]): string {
  const n = (verdict: CheckVerdict) => checks.filter((check) => check.verdict === verdict).length;
  return `${n("pass")} pass, ${n("warn")} warning${n("warn") === 1 ? "" : "s"}, ${n("fail")} fail`;
}
