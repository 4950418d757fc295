import { cx } from "./cx.ts";
import { type DifferenceLine, withContext } from "./line-difference.ts";

const AROUND = 3;
const MARKS = { same: " ", added: "+", removed: "-" } as const;

/** Changed lines of a text with what stands around them. */
export const DifferenceView = ({
  label,
  lines,
}: {
  label: string;
  lines: readonly DifferenceLine[];
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to by keyboard too
  <section className="code diff" aria-label={label} tabIndex={0}>
    {withContext(lines, AROUND).map((line, i) =>
      line === null ? (
        // biome-ignore lint/suspicious/noArrayIndexKey: a gap is its place
        <div className="ln gap" key={`gap-${i}`}>
          <span />
          <span />
          <span>⋯</span>
        </div>
      ) : (
        <div className={cx("ln", line.kind)} key={`${line.before}-${line.after}`}>
          <span>{line.after ?? line.before}</span>
          <span>{MARKS[line.kind]}</span>
          <span>{line.text}</span>
        </div>
      ),
    )}
  </section>
);
