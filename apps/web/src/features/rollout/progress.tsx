"use client";

import type { OperationView } from "@chela/shared/fleet/view";
import { cx } from "../../ui/cx.ts";
import { clockTime, count } from "../../ui/format.ts";
import { elapsedMs } from "../failover/phase.ts";
import { useConsoleNow, useLive } from "../fleet/live/live.tsx";
import { type Lane, PHASES, shareOf } from "./lane-layout.ts";
import { PHASE_WORDS } from "./wording.ts";

/** How far, what now, what next: in words above, as one bar below. */
export function RolloutProgress({
  operation,
  lanes,
}: {
  operation: OperationView;
  lanes: readonly Lane[];
}) {
  const now = useConsoleNow();
  const over = operation.endedAt !== null;
  const soakMs = operation.rollout?.soakMs ?? 0;
  const shares = lanes.map((lane) => shareOf(lane, soakMs, now));
  const share = shares.reduce((sum, each) => sum + each, 0) / Math.max(1, shares.length);
  const percent = over && operation.state === "succeeded" ? 100 : Math.round(share * 100);
  const points = useLive((state) => state.figures);
  const latest = points.at(-1);
  return (
    <section className="card prog" aria-label="Progress">
      <div className="prog-top">
        <div>
          <span className="lab">{over ? "Took" : "Elapsed"}</span>
          <b>{clockTime(elapsedMs(operation, now))}</b>
        </div>
        <div>
          <span className="lab">{over ? "Gateways" : "Now"}</span>
          <b className="txt">
            {over
              ? `${lanes.filter((lane) => lane.state === "done").length} of ${lanes.length} done`
              : nowInWords(operation, lanes)}
          </b>
        </div>
        {!over && (
          <div>
            <span className="lab">Next</span>
            <b className="txt">{nextInWords(lanes)}</b>
          </div>
        )}
        <div className="prog-r">
          <span className="lab">Webhooks now</span>
          <b>
            {count(latest?.acceptedPerSecond ?? 0)}
            <small>/s</small>
          </b>
        </div>
      </div>
      <div
        className="prog-bar"
        role="progressbar"
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-label={`${percent} percent`}
      >
        {lanes.map((lane, i) => (
          <div className="pgw" style={{ flex: 1 }} key={lane.gateway}>
            <div
              className={cx(
                "pg",
                lane.state === "running" && !over && "now",
                lane.state === "failed" && "bad",
              )}
            >
              <span className="pg-f" style={{ width: `${(shares[i] ?? 0) * 100}%` }} />
            </div>
            <span className="pgl">
              <b className="mono">{lane.gateway}</b>{" "}
              {operation.rollout?.order.find((each) => each.gateway === lane.gateway)?.role ?? ""}
              {i === lanes.length - 1 && lanes.length > 1 ? ", last" : ""}
            </span>
          </div>
        ))}
      </div>
    </section>
  );
}

function nowInWords(operation: OperationView, lanes: readonly Lane[]): string {
  if (operation.state === "paused") return "paused";
  if (operation.waitingFor) return `waiting for ${operation.waitingFor}`;
  const lane = lanes.find((each) => each.state === "running");
  if (lane === undefined)
    return operation.steps.some((step) => step.name === "image" && step.state === "running")
      ? "bringing the image to the hosts"
      : "choosing who is next";
  const phase = PHASES.find((each) => lane.phases[each]?.state === "running");
  return phase ? `${lane.gateway} ${PHASE_WORDS[phase][1]}` : `${lane.gateway} is next`;
}

function nextInWords(lanes: readonly Lane[]): string {
  const next = lanes.find((lane) => lane.state === "pending");
  return next ? next.gateway : "the end";
}
