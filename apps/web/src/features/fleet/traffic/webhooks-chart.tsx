"use client";

import {
  Area,
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { decimal } from "../../../ui/format.ts";
import {
  CURSOR,
  MARGIN,
  markLines,
  SYNC,
  TICK,
  Tip,
  timeAxis,
  Y_AXIS_WIDTH,
} from "./chart-parts.tsx";
import { type Mark, niceMax, type Row } from "./series.ts";

const RATES_HEIGHT = "62%";
const HIT_HEIGHT = "38%";
/** More than this many bars would be thinner than a pixel: an area says the same. */
const BARS_MAX = 140;

/** Accepted and dropped webhooks per second, and below them, on the same axis, how many were duplicates. */
export function WebhooksChart({ rows, marks }: { rows: Row[]; marks: readonly Mark[] }) {
  const from = rows[0]?.t ?? 0;
  const to = rows.at(-1)?.t ?? 0;
  const top = niceMax(
    Math.max(0, ...rows.map((row) => (row.accepted ?? 0) + (row.duplicates ?? 0))),
    4,
  );
  const hitTop = niceMax(Math.max(0, ...rows.map((row) => row.hit ?? 0)), 10);
  const axis = { width: Y_AXIS_WIDTH, tick: TICK, tickLine: false, axisLine: false };
  return (
    <>
      <div style={{ height: RATES_HEIGHT }}>
        <ResponsiveContainer width="100%" height="100%">
          <ComposedChart
            data={rows}
            margin={MARGIN}
            syncId={SYNC}
            barCategoryGap={0}
            accessibilityLayer={false}
          >
            <CartesianGrid vertical={false} stroke="var(--color-line)" />
            <XAxis {...timeAxis(from, to)} hide />
            <YAxis
              {...axis}
              domain={[0, top]}
              ticks={[0, top / 2, top]}
              tickFormatter={(n: number) => (n === 0 ? "0" : `${n}/s`)}
            />
            {rows.length <= BARS_MAX ? (
              <>
                <Bar
                  dataKey="accepted"
                  stackId="in"
                  fill="var(--color-series-1)"
                  fillOpacity={0.62}
                  isAnimationActive={false}
                />
                <Bar
                  dataKey="duplicates"
                  stackId="in"
                  fill="var(--color-ink-2)"
                  isAnimationActive={false}
                />
              </>
            ) : (
              <>
                <Area
                  dataKey="accepted"
                  stackId="in"
                  type="step"
                  stroke="var(--color-series-1)"
                  strokeWidth={1}
                  fill="var(--color-series-1)"
                  fillOpacity={0.5}
                  isAnimationActive={false}
                  dot={false}
                  activeDot={false}
                />
                <Area
                  dataKey="duplicates"
                  stackId="in"
                  type="step"
                  stroke="none"
                  fill="var(--color-ink-2)"
                  fillOpacity={1}
                  isAnimationActive={false}
                  dot={false}
                  activeDot={false}
                />
              </>
            )}
            {markLines(marks, false)}
            <Tooltip
              isAnimationActive={false}
              cursor={CURSOR}
              content={({ active, payload }) => {
                const row = payload?.[0]?.payload as Row | undefined;
                if (!active || !row) return null;
                return (
                  <Tip
                    t={row.t}
                    lines={[
                      ["accepted", `${decimal(row.accepted)}/s`, "var(--color-series-1)"],
                      ["dropped", `${decimal(row.duplicates)}/s`, "var(--color-ink-2)"],
                      ["hit rate", row.hit === null ? "–" : `${row.hit.toFixed(1)}%`],
                    ]}
                  />
                );
              }}
            />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      <div style={{ height: HIT_HEIGHT }}>
        <ResponsiveContainer width="100%" height="100%">
          <ComposedChart data={rows} margin={MARGIN} syncId={SYNC} accessibilityLayer={false}>
            <CartesianGrid vertical={false} stroke="var(--color-line)" />
            <XAxis {...timeAxis(from, to)} />
            <YAxis
              {...axis}
              domain={[0, hitTop]}
              ticks={[0, hitTop]}
              tickFormatter={(n: number) => (n === 0 ? "0" : `${n}%`)}
            />
            <Line
              dataKey="hit"
              type="linear"
              stroke="var(--color-ink)"
              strokeWidth={1.5}
              dot={false}
              activeDot={false}
              isAnimationActive={false}
              connectNulls={false}
            />
            {markLines(marks, false)}
            <Tooltip cursor={CURSOR} content={() => null} />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    </>
  );
}
