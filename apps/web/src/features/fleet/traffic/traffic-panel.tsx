"use client";

import type { Window } from "@chela/shared/fleet/view";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useState } from "react";
import { useApi } from "../../../trpc/client.ts";
import { count, decimal, percentage } from "../../../ui/format.ts";
import { Segments } from "../../../ui/segments.tsx";
import { useFleet, useLive } from "../live/live.tsx";
import { RecentEvents } from "../recent-events.tsx";
import { seriesOf } from "../wording.ts";
import { continued, marksOf, type Row, rowsOf } from "./series.ts";

const SessionsChart = dynamic(() => import("./sessions-chart.tsx").then((m) => m.SessionsChart), {
  ssr: false,
});
const WebhooksChart = dynamic(() => import("./webhooks-chart.tsx").then((m) => m.WebhooksChart), {
  ssr: false,
});

type Range = "live" | Exclude<Window, "30d">;
const RANGES: readonly (readonly [Range, string])[] = [
  ["live", "5 min"],
  ["15m", "15 min"],
  ["1h", "1 h"],
  ["24h", "24 h"],
];
const LIVE_STEP_MS = 1_000;

/** Sessions by gateway over webhooks and hit rate, on one time axis, with the events that explain them. */
export function TrafficPanel() {
  const fleet = useFleet();
  const [range, setRange] = useState<Range>("live");
  const { rows, pending } = useRows(
    fleet.fleet,
    range,
    fleet.gateways.map((gateway) => gateway.name),
  );
  const events = useLive((state) => state.events);
  const from = rows[0]?.t ?? 0;
  const to = rows.at(-1)?.t ?? 0;
  const marks = marksOf(events, from, to);
  const last = rows.at(-1);
  const series = fleet.gateways.map((gateway) => ({
    name: gateway.name,
    key: `gw:${gateway.name}` as const,
    color: `var(--color-series-${seriesOf(gateway.name, fleet.gateways)})`,
    now: fleet.sessions.total === 0 ? 0 : gateway.sessions,
  }));
  return (
    <div className="ov-low">
      <section className="card" aria-label="Sessions and webhooks over time">
        <div className="card-h">
          <h2>Sessions by gateway</h2>
          <div className="r">
            <Segments label="Range" value={range} options={RANGES} onChange={setRange} />
          </div>
        </div>
        <div className="card-b chart-top">
          <p className="legend chart-legend">
            {series.map((each) => (
              <span key={each.name}>
                <i className="sw" style={{ background: each.color }} />
                <span className="mono">{each.name}</span> <b>{count(each.now)}</b>
              </span>
            ))}
          </p>
          <figure className="chart" style={{ height: 190 }} aria-label={sessionsInWords(series)}>
            {rows.length > 0 && <SessionsChart rows={rows} series={series} marks={marks} />}
          </figure>
        </div>
        <div className="card-h chart-head2">
          <h2>Webhooks accepted, duplicates dropped, hit rate</h2>
          <div className="r only-wide">letters mark events at right</div>
        </div>
        <div className="card-b">
          <p className="legend chart-legend">
            <span>
              <i className="sw" style={{ background: "var(--color-series-1)" }} />
              accepted <b>{decimal(last?.accepted)}/s</b>
            </span>
            <span>
              <i className="sw" style={{ background: "var(--color-ink-2)" }} />
              dropped <b>{decimal(last?.duplicates)}/s</b>
            </span>
            <span>
              <i className="sw line" style={{ background: "var(--color-ink)" }} />
              hit rate <b>{percentage(fleet.dedupe.hitRate)}</b>
            </span>
          </p>
          <figure className="chart" style={{ height: 236 }} aria-label={webhooksInWords(last)}>
            {rows.length > 0 ? (
              <WebhooksChart rows={rows} marks={marks} />
            ) : (
              <p className="note chart-none">{pending ? "" : "No figures yet."}</p>
            )}
          </figure>
        </div>
      </section>
      <RecentEvents marks={marks} />
    </div>
  );
}

function useRows(
  fleet: string,
  range: Range,
  gateways: readonly string[],
): { rows: Row[]; pending: boolean } {
  const live = useLive((state) => state.figures);
  const api = useApi();
  const stored = useQuery(
    api.figures.series.queryOptions(
      { fleet, window: range === "live" ? "15m" : range },
      { enabled: range !== "live", staleTime: 60_000 },
    ),
  );
  if (range === "live") return { rows: rowsOf(live, gateways, LIVE_STEP_MS), pending: false };
  if (stored.data === undefined) return { rows: [], pending: stored.isPending };
  return {
    rows: rowsOf(continued(stored.data, live), gateways, stored.data.stepMs),
    pending: false,
  };
}

const sessionsInWords = (series: readonly { name: string; now: number | null }[]) =>
  `Sessions by gateway over time. Now: ${series.map((each) => `${each.name} ${count(each.now)}`).join(", ")}.`;

const webhooksInWords = (last: Row | undefined) =>
  `Webhooks over time. Now ${decimal(last?.accepted)} accepted and ${decimal(last?.duplicates)} duplicates dropped per second.`;
