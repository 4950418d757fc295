import { cx } from "./cx.ts";
import { sparkPaths } from "./spark-path.ts";

const WIDTH = 200;

/** A line without axes; gaps stay gaps. Decoration beside its figure. */
export function Spark({
  values,
  height = 34,
  color,
  className,
}: {
  values: readonly (number | null)[];
  height?: number;
  color: string;
  className?: string;
}) {
  const { line, area } = sparkPaths(values, WIDTH, height);
  return (
    <svg
      className={cx("spark", className)}
      viewBox={`0 0 ${WIDTH} ${height}`}
      preserveAspectRatio="none"
      style={{ height, color }}
      aria-hidden="true"
    >
      <path d={area} fill="currentColor" opacity=".12" />
      <path
        d={line}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
      />
    </svg>
  );
}
