"use client";

import type { Window } from "@chela/shared/fleet/view";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { count, percent, percentage, span } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Segments } from "../../ui/segments.tsx";
import { useFleet } from "../fleet/live/live.tsx";
import { useRefreshOnTraffic } from "../fleet/live/refresh.ts";
import { channelOf } from "../fleet/wording.ts";

const WINDOWS: readonly (readonly [Window, string])[] = [
  ["15m", "15 min"],
  ["1h", "1 h"],
  ["24h", "24 h"],
  ["30d", "30 d"],
];

/** Are duplicates caught, channel by channel? */
export function DedupePanel() {
  const { fleet } = useFleet();
  const api = useApi();
  const [window, setWindow] = useState<Window>("1h");
  const stats = useQuery(
    api.dedupe.stats.queryOptions({ fleet, window }, { placeholderData: keepPreviousData }),
  );
  useRefreshOnTraffic(stats.refetch);
  if (stats.isPending) {
    return (
      <div className="card">
        <SkeletonRows />
      </div>
    );
  }
  if (stats.isError) {
    return (
      <div className="card">
        <Empty
          icon="st-fail"
          bad
          title="Dedupe figures can't be read"
          actions={<Button onClick={() => void stats.refetch()}>Try again</Button>}
        >
          {faultOf(stats.error).sentence}
        </Empty>
      </div>
    );
  }
  const { total, channels } = stats.data;
  const most = Math.max(0.01, ...channels.map((each) => each.hitRate ?? 0));
  return (
    <>
      <dl className="quad three-cells">
        <Cell
          name="Hit rate"
          value={percent(total.hitRate)}
          unit="%"
          note="duplicates out of all received"
        />
        <Cell
          name="Duplicates dropped"
          value={count(total.duplicates)}
          note="each one a second reply that did not happen"
        />
        <Cell
          name="Accepted"
          value={count(total.accepted)}
          note="stored in Redis before they were answered"
        />
      </dl>
      <section className="card" aria-label="Dedupe by channel">
        <div className="card-h">
          <h2>Hit rate by channel</h2>
          <div className="r">
            <Segments label="Window" value={window} options={WINDOWS} onChange={setWindow} />
          </div>
        </div>
        {channels.length === 0 ? (
          <Empty icon="st-pass" title="Nothing came in">
            No webhook reached the fleet within this window.
          </Empty>
        ) : (
          <div className="tw">
            <table className="table dd-table">
              <thead>
                <tr>
                  <th>Channel</th>
                  <th>Hit rate</th>
                  <th className="num">Accepted</th>
                  <th className="num">Dropped</th>
                  <th className="num">Remembered for</th>
                </tr>
              </thead>
              <tbody>
                {channels.map((each) => {
                  const { word, icon } = channelOf(each.channel);
                  return (
                    <tr key={each.channel}>
                      <td>
                        <span className="cellic">
                          <Icon name={icon} />
                          {word}
                        </span>
                      </td>
                      <td>
                        <span className="hit">
                          <span className="bar">
                            <i style={{ width: `${((each.hitRate ?? 0) / most) * 100}%` }} />
                          </span>
                          <b className="num">{percentage(each.hitRate)}</b>
                        </span>
                      </td>
                      <td className="num">{count(each.accepted)}</td>
                      <td className="num">{count(each.duplicates)}</td>
                      <td className="num">{span(each.ttlSeconds * 1_000)}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </>
  );
}

const Cell = ({
  name,
  value,
  unit,
  note,
}: {
  name: string;
  value: string;
  unit?: string;
  note: string;
}) => (
  <div>
    <dt>{name}</dt>
    <dd className="v">
      {value}
      {unit && value !== "–" && <small>{unit}</small>}
    </dd>
    <dd className="d">{note}</dd>
  </div>
);
