"use client";

import {
  Area,
  AreaChart,
  CartesianGrid,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { count } from "../../../ui/format.ts";
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

export interface Series {
  name: string;
  key: `gw:${string}`;
  color: string;
}

/** Who holds how many sessions, stacked. */
export function SessionsChart({
  rows,
  series,
  marks,
}: {
  rows: Row[];
  series: readonly Series[];
  marks: readonly Mark[];
}) {
  const from = rows[0]?.t ?? 0;
  const to = rows.at(-1)?.t ?? 0;
  const total = (row: Row) => series.reduce((sum, each) => sum + (row[each.key] ?? 0), 0);
  const top = niceMax(Math.max(0, ...rows.map(total)), 6);
  return (
    <ResponsiveContainer width="100%" height="100%">
      <AreaChart data={rows} margin={MARGIN} syncId={SYNC} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--color-line)" />
        <XAxis {...timeAxis(from, to)} hide />
        <YAxis
          width={Y_AXIS_WIDTH}
          domain={[0, top]}
          ticks={[0, top / 2, top]}
          tickFormatter={(n: number) => count(n)}
          tick={TICK}
          tickLine={false}
          axisLine={false}
        />
        {series.map((each) => (
          <Area
            key={each.key}
            dataKey={each.key}
            name={each.name}
            stackId="sessions"
            type="linear"
            stroke={each.color}
            strokeWidth={1.5}
            fill={each.color}
            fillOpacity={0.55}
            isAnimationActive={false}
            connectNulls={false}
            dot={false}
            activeDot={false}
          />
        ))}
        {markLines(marks, true)}
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
                  ...series.map((each) => [each.name, count(row[each.key]), each.color] as const),
                  ["Total", count(total(row))],
                ]}
              />
            );
          }}
        />
      </AreaChart>
    </ResponsiveContainer>
  );
}
