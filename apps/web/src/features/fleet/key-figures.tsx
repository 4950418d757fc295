"use client";

import type { FigurePoint, OperationView } from "@chela/shared/fleet/view";
import type { ReactNode } from "react";
import { count, decimal, duration, percent, span } from "../../ui/format.ts";
import { Spark } from "../../ui/spark.tsx";
import { useConsoleNow, useFleet, useLive } from "./live/live.tsx";

const BARS = 24;

/** Five figures, each with its window, one plain comparison, and how it went lately. */
export function KeyFigures() {
  const fleet = useFleet();
  const points = useLive((state) => state.figures);
  const { acceptedPerSecond, duplicatesPerSecond, acceptP99Ms } = fleet.rates;
  const peak = Math.max(0, ...points.map((point) => point.acceptedPerSecond ?? 0));
  const line = (pick: (point: FigurePoint) => number | null, color: string) => (
    <Spark values={points.map(pick)} color={`var(--color-series-${color})`} />
  );
  return (
    <dl className="kpis" aria-label="Key figures">
      <Figure
        name="Sessions now"
        over="5 min"
        value={count(fleet.sessions.total)}
        note={lately(points)}
      >
        {line((point) => point.sessions, "1")}
      </Figure>
      <Figure
        name="Webhooks accepted"
        over="5 min"
        value={decimal(acceptedPerSecond)}
        unit="/s"
        note={`${decimal(acceptedPerSecond + duplicatesPerSecond)}/s received, peak ${decimal(peak)}/s`}
      >
        {line((point) => point.acceptedPerSecond, "1")}
      </Figure>
      <Figure
        name="Dedupe hit rate"
        over="1 h"
        value={percent(fleet.dedupe.hitRate)}
        unit="%"
        note={`${count(fleet.dedupe.duplicates)} of ${count(fleet.dedupe.duplicates + fleet.dedupe.accepted)} dropped`}
      >
        {line((point) => point.hitRate, "3")}
      </Figure>
      <Figure
        name="Accept latency p99"
        over="5 min"
        value={
          acceptP99Ms === null
            ? "–"
            : acceptP99Ms < 10
              ? acceptP99Ms.toFixed(1)
              : count(acceptP99Ms)
        }
        unit="ms"
        note={backlogInWords(points)}
      >
        {line((point) => point.acceptP99Ms, "2")}
      </Figure>
      <LastPromotion />
    </dl>
  );
}

const Figure = ({
  name,
  over,
  value,
  unit,
  note,
  children,
}: {
  name: string;
  over: string;
  value: string;
  unit?: string;
  note: string;
  children: ReactNode;
}) => (
  <div className="kpi">
    <dt>
      {name}
      <small>{over}</small>
    </dt>
    <dd className="v">
      {value}
      {unit && value !== "–" && <small>{unit}</small>}
    </dd>
    <dd className="d" title={note}>
      {note}
    </dd>
    <dd className="s">{children}</dd>
  </div>
);

function LastPromotion() {
  const operations = useLive((state) => state.operations);
  const now = useConsoleNow();
  const promotions = Object.values(operations)
    .filter((each) => each.failover !== null && each.endedAt !== null)
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt))
    .slice(-BARS);
  const last = promotions.at(-1);
  const ago = last?.endedAt ? span(now - Date.parse(last.endedAt)).split(" ") : null;
  return (
    <Figure
      name="Last promotion"
      over={`last ${BARS}`}
      value={ago?.[0] ?? "–"}
      unit={ago ? `${ago[1]} ago` : ""}
      note={last ? promotionInWords(last) : "none since the console started"}
    >
      <div className="ticks" role="img" aria-label={`${promotions.length} promotions`}>
        {Array.from({ length: BARS }, (_, i) => {
          const each = promotions[i - (BARS - promotions.length)];
          const look =
            each === undefined
              ? undefined
              : each.kind === "failover" || each.state !== "succeeded"
                ? "fo"
                : "sw1";
          // biome-ignore lint/suspicious/noArrayIndexKey: the tick is its place
          return <i key={i} className={look} title={each ? promotionInWords(each) : undefined} />;
        })}
      </div>
    </Figure>
  );
}

function promotionInWords(operation: OperationView): string {
  const took =
    operation.endedAt === null
      ? null
      : Date.parse(operation.endedAt) - Date.parse(operation.startedAt);
  const from = operation.failover?.from.join(", ");
  return `${from ? `${from} to ` : ""}${operation.failover?.to ?? ""}, ${duration(took)}${operation.state === "succeeded" ? "" : `, ${operation.state}`}`;
}

function lately(points: readonly FigurePoint[]): string {
  const first = points.find((point) => point.sessions !== null)?.sessions;
  const last = points.findLast((point) => point.sessions !== null)?.sessions;
  if (first === undefined || first === null || last === undefined || last === null)
    return "counted in Redis";
  const change = last - first;
  return change === 0
    ? "unchanged within 5 min"
    : `${change > 0 ? "+" : "−"}${count(Math.abs(change))} within 5 min`;
}

function backlogInWords(points: readonly FigurePoint[]): string {
  const backlog = points.at(-1)?.backlog;
  if (backlog === undefined || backlog === null) return "from request to stored in Redis";
  return backlog === 0 ? "nothing waits to be processed" : `${count(backlog)} wait to be processed`;
}
