import type { RolloutPlan } from "@chela/shared/fleet/view";
import { Fragment } from "react";
import { clockTime, plural, span } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { statusOfRole } from "../fleet/wording.ts";
import type { Schedule, ScheduledGate } from "./schedule.ts";

/** The exact order: when each begins, what it hands over, where the rollout waits. */
export function PlanOrder({ plan, times }: { plan: RolloutPlan; times: Schedule }) {
  const { rows, gates } = times;
  return (
    <ol className="order">
      {rows.map((row, i) => (
        <Fragment key={row.gateway}>
          <li>
            <time>{clockTime(row.startMs)}</time>
            <span>
              <b className="mono">{row.gateway}</b> on {row.host},{" "}
              {statusOfRole(row.role).word.toLowerCase()}
              {plan.changes.includes("image") && (
                <>
                  , <span className="mono">{row.version}</span> to{" "}
                  <span className="mono">{plan.to}</span>
                </>
              )}
              {row.handsOverTo && <>. Hands its shards to {row.handsOverTo} first</>}
            </span>
          </li>
          {gates
            .filter((gate) => gate.after === i + 1)
            .map((gate) => (
              <GateLine key={gate.after} gate={gate} left={rows.length - gate.after} />
            ))}
        </Fragment>
      ))}
    </ol>
  );
}

const GateLine = ({ gate, left }: { gate: ScheduledGate; left: number }) => (
  <li>
    <time>gate</time>
    <span>
      <Icon name="gate" className="gatei" />{" "}
      {gate.by.by === "approval"
        ? left === 0
          ? "you approve the end"
          : `you approve the ${plural(left, "gateway")} left`
        : `goes on by itself after ${span(gate.by.ms)}`}
    </span>
  </li>
);
