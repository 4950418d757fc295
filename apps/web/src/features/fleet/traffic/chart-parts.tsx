"use client";

import { ReferenceLine } from "recharts";
import { atMinute, atSecond } from "../../../ui/format.ts";
import { type Mark, timeTicks } from "./series.ts";

/** What both charts share, so that they stand exactly above each other. */
export const MARGIN = { top: 14, right: 6, bottom: 0, left: 0 };
export const Y_AXIS_WIDTH = 44;
export const SYNC = "traffic";
export const TICK = { fill: "var(--color-ink-3)", fontSize: 11 };
export const CURSOR = { stroke: "var(--color-ink-3)", strokeWidth: 1 };

export function timeAxis(from: number, to: number) {
  const label = to - from > 10 * 60_000 ? atMinute : atSecond;
  return {
    dataKey: "t",
    type: "number" as const,
    scale: "time" as const,
    domain: [from, to] as [number, number],
    ticks: timeTicks(from, to),
    tickFormatter: (t: number) => label(t),
    tick: TICK,
    tickLine: false,
    axisLine: false,
    height: 24,
    tickMargin: 8,
  };
}

/** Not a component of its own: recharts looks at the types of its direct children. */
export const markLines = (marks: readonly Mark[], lettered: boolean, yAxisId?: string) =>
  marks.map((mark) => (
    <ReferenceLine
      key={mark.event.id}
      x={mark.t}
      {...(yAxisId === undefined ? {} : { yAxisId })}
      stroke="var(--color-ink-3)"
      strokeDasharray="3 3"
      ifOverflow="hidden"
      {...(lettered ? { label: <Letter letter={mark.letter} /> } : {})}
    />
  ));

function Letter({ letter, viewBox }: { letter: string; viewBox?: { x?: number; y?: number } }) {
  const x = viewBox?.x ?? 0;
  const y = (viewBox?.y ?? 0) - 4;
  return (
    <g>
      <circle cx={x} cy={y} r={8} fill="var(--color-overlay)" stroke="var(--color-ink-3)" />
      <text
        x={x}
        y={y + 3.5}
        textAnchor="middle"
        fontSize={9.5}
        fontWeight={600}
        fill="var(--color-ink)"
      >
        {letter}
      </text>
    </g>
  );
}

export const Tip = ({
  t,
  lines,
}: {
  t: number;
  lines: readonly (readonly [name: string, value: string, color?: string])[];
}) => (
  <div className="tip">
    <span className="dim">{atSecond(t)}</span>
    {lines.map(([name, value, color]) => (
      <div key={name} className="tip-l">
        {color && <i className="sw" style={{ background: color }} />}
        <span>{name}</span>
        <b>{value}</b>
      </div>
    ))}
  </div>
);
