"use client";

import type { OperationView } from "@chela/shared/fleet/view";
import { cx } from "../../ui/cx.ts";
import { clockTime, count, expected, span } from "../../ui/format.ts";
import { elapsedMs } from "../failover/phase.ts";
import { useConsoleNow, useLive } from "../fleet/live/live.tsx";
import { isDueBack, type Lane, phasesOf, shareOf } from "./lane-layout.ts";
import { approvable, gatesIn } from "./stages.ts";
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
  const { rollout } = operation;
  const waits = rollout !== null && gatesIn(rollout).some(({ state }) => state !== "passed");
  const points = useLive((state) => state.figures);
  const latest = points.at(-1);
  return (
    <section className="card prog" aria-label="Progress">
      <div className="prog-top">
        <div>
          <span className="lab">{over ? "Took" : "Elapsed"}</span>
          <b>{clockTime(elapsedMs(operation, now))}</b>
        </div>
        {!over && (
          <div>
            <span className="lab">{waits ? "Left, without gates" : "Left"}</span>
            <b>{operation.msLeft === null ? "–" : expected(operation.msLeft)}</b>
          </div>
        )}
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
            <b className="txt">{nextInWords(operation, lanes)}</b>
          </div>
        )}
        <div className="prog-r">
          <span className="lab">nginx reloads</span>
          <b>{count(operation.edgeReloads)}</b>
        </div>
        <div>
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

/** What is done for no gateway in particular. */
const BETWEEN: Record<string, string> = {
  image: "bringing the image to the hosts",
  share: "giving the canary its share",
  settle: "writing the release down",
};

function nowInWords(operation: OperationView, lanes: readonly Lane[]): string {
  if (operation.state === "paused") return "paused";
  if (approvable(operation.rollout) !== null) return "waiting for you";
  if (operation.waitingFor) return `waiting for ${operation.waitingFor}`;
  const lane = lanes.find((each) => each.state === "running");
  if (lane === undefined)
    return (
      BETWEEN[operation.steps.find((step) => step.state === "running")?.name ?? ""] ??
      "choosing who is next"
    );
  const phase = phasesOf(operation.rollout?.strategy.order).find(
    (each) => lane.phases[each]?.state === "running",
  );
  return phase ? `${lane.gateway} ${PHASE_WORDS[phase][1]}` : `${lane.gateway} is next`;
}

function nextInWords(operation: OperationView, lanes: readonly Lane[]): string {
  const { rollout } = operation;
  if (rollout?.direction === "back")
    return lanes.find((lane) => isDueBack(lane, rollout))?.gateway ?? "the end";
  const gate = rollout && gatesIn(rollout).find((each) => each.state === "ahead");
  const through = lanes.filter((lane) => lane.state === "done").length;
  const under = lanes.filter((lane) => lane.state === "running").length;
  if (gate && gate.after <= through + under)
    return gate.by.by === "approval" ? "your approval" : `${span(gate.by.ms)} of watching`;
  const next = lanes.find((lane) => lane.state === "pending");
  return next ? next.gateway : "the end";
}
