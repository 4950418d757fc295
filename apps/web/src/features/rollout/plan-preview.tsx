"use client";

import type { RolloutPlan } from "@chela/shared/fleet/view";
import type { ReactNode } from "react";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { expected, span } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { StatusText } from "../../ui/status.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Checks } from "../failover/checks.tsx";
import { Gantt } from "./gantt.tsx";
import { PlanOrder } from "./plan-order.tsx";
import { schedule } from "./schedule.ts";
import { changesInWords } from "./wording.ts";

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
  const blocked = plan?.checks.some((check) => check.verdict === "fail");
  return (
    <section className="card stick" aria-label="Plan preview">
      <div className="card-h">
        <h2>Plan preview</h2>
        {plan && (
          <div className="r">
            <StatusText
              status={
                blocked
                  ? { tone: "fail", icon: "st-fail", word: "can't start" }
                  : { tone: "pass", icon: "st-pass", word: "can start" }
              }
            />
            <span>made {span(now - made)} ago</span>
          </div>
        )}
      </div>
      <div className="plan-scroll">
        {plan ? (
          <Plan plan={plan} />
        ) : pending ? (
          <SkeletonRows />
        ) : (
          <Empty icon="rollouts" title="Nothing to plan yet">
            Choose an image or change the configuration. The exact order, the times and the checks
            appear here first.
          </Empty>
        )}
      </div>
      {children}
    </section>
  );
}

function Plan({ plan }: { plan: RolloutPlan }) {
  const times = schedule(plan);
  const approvals = times.gates.filter((gate) => gate.by.by === "approval").length;
  return (
    <>
      <div className="totals">
        <div>
          <span className="lab">{approvals > 0 ? "Takes, without gates" : "Takes"}</span>
          <b>{expected(plan.expectedMs)}</b>
        </div>
        <div>
          <span className="lab">Switchovers</span>
          <b>{times.switchovers}</b>
        </div>
        <div>
          <span className="lab">Requests dropped</span>
          <b>0 expected</b>
        </div>
      </div>
      <div className="card-b pad">
        <Gantt times={times} />
        <p className="legend gantt-legend">
          <span>
            <i className="sw g-out" />
            replaced
          </span>
          <span>
            <i className="sw g-soak" />
            soak
          </span>
          {times.switchovers > 0 && (
            <span>
              <i className="sw g-sw" />
              switchover
            </span>
          )}
          {times.gates.length > 0 && (
            <span>
              <Icon name="gate" size={12} className="gatec" />
              gate
            </span>
          )}
        </p>
        <p className="plan-change">{changesInWords(plan)}</p>
        <PlanOrder plan={plan} times={times} />
        <h3 className="checks-h">Checks</h3>
        <Checks checks={plan.checks} />
      </div>
    </>
  );
}
