"use client";

import type { RolloutPlan } from "@chela/shared/fleet/view";
import type { ReactNode } from "react";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { clockTime, expected, span } from "../../ui/format.ts";
import { StatusText } from "../../ui/status.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Checks } from "../failover/checks.tsx";
import { statusOfRole } from "../fleet/wording.ts";
import { schedule } from "./schedule.ts";

/** What would happen: order, times, checks. */
export function PlanPreview({
  plan,
  pending,
  made,
  children,
}: {
  plan: RolloutPlan | undefined;
  pending: boolean;
  made: number;
  children: ReactNode;
}) {
  const now = useNow();
  return (
    <section className="card stick" aria-label="Plan preview">
      <div className="card-h">
        <h2>Plan preview</h2>
        {plan && <div className="r">made {span(now - made)} ago</div>}
      </div>
      {plan ? (
        <Plan plan={plan} />
      ) : pending ? (
        <SkeletonRows />
      ) : (
        <Empty icon="rollouts" title="Nothing chosen yet">
          Choose a tag at the left. The exact order, the times and the checks appear here first.
        </Empty>
      )}
      {children}
    </section>
  );
}

function Plan({ plan }: { plan: RolloutPlan }) {
  const { rows, totalMs, switchovers } = schedule(plan);
  return (
    <>
      <div className="totals">
        <div>
          <span className="lab">Takes</span>
          <b>{expected(totalMs)}</b>
        </div>
        <div>
          <span className="lab">Switchovers</span>
          <b>{switchovers}</b>
        </div>
        <div>
          <span className="lab">Requests dropped</span>
          <b>0 expected</b>
        </div>
      </div>
      <div className="card-b pad">
        <div className="gantt" aria-hidden="true">
          {rows.map((row) => (
            <GanttRow key={row.gateway} row={row} totalMs={totalMs} />
          ))}
        </div>
        <p className="legend gantt-legend">
          <span>
            <i className="sw g-out" />
            replaced
          </span>
          <span>
            <i className="sw g-soak" />
            soak
          </span>
          <span>
            <i className="sw g-sw" />
            switchover
          </span>
        </p>
        <ol className="order">
          {rows.map((row) => (
            <li key={row.gateway}>
              <time>{clockTime(row.startMs)}</time>
              <span>
                <b className="mono">{row.gateway}</b> on {row.host},{" "}
                {statusOfRole(row.role).word.toLowerCase()},{" "}
                <span className="mono">{row.version}</span> to{" "}
                <span className="mono">{plan.to}</span>
                {row.handsOverTo && <>. Hands its shards to {row.handsOverTo} first</>}
              </span>
            </li>
          ))}
        </ol>
        <h3 className="checks-h">
          Checks{" "}
          <StatusText
            status={
              plan.checks.some((check) => check.verdict === "fail")
                ? { tone: "fail", icon: "st-fail", word: "can't start" }
                : { tone: "pass", icon: "st-pass", word: "can start" }
            }
          />
        </h3>
        <Checks checks={plan.checks} />
      </div>
    </>
  );
}

function GanttRow({
  row,
  totalMs,
}: {
  row: ReturnType<typeof schedule>["rows"][number];
  totalMs: number;
}) {
  const percent = (ms: number) => `${(ms / Math.max(1, totalMs)) * 100}%`;
  return (
    <>
      <div className="gl2">
        <b>{row.gateway}</b>
        <small>
          {statusOfRole(row.role).word.toLowerCase()}, {row.host}
        </small>
      </div>
      <div className="gr">
        {row.bars.map((bar) => (
          <i
            key={bar.kind}
            className={`g-${bar.kind}`}
            style={{ left: percent(bar.startMs), width: percent(bar.ms), minWidth: 3 }}
          />
        ))}
      </div>
    </>
  );
}
