"use client";

import type { GatewayView, OperationStep, OperationView } from "@chela/shared/fleet/view";
import { Fragment, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { clockTime, duration } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Badge } from "../../ui/status.tsx";
import { useConsoleNow, useFleet } from "../fleet/live/live.tsx";
import { statusOfRole } from "../fleet/wording.ts";
import type { Approval } from "./actions.tsx";
import { GateRow } from "./gate-row.tsx";
import { type Lane, laneInWords, type Phase, phasesOf, soakShare } from "./lane-layout.ts";
import { gatesIn } from "./stages.ts";
import { PHASE_WORDS } from "./wording.ts";

/** One lane a gateway, steps from left to right, order from top to bottom. */
export function Lanes({
  operation,
  lanes,
  approval,
  log,
}: {
  operation: OperationView;
  lanes: readonly Lane[];
  approval: Approval;
  log: (gateway: string) => ReactNode;
}) {
  const { gateways } = useFleet();
  const { rollout } = operation;
  const gates = rollout === null ? [] : gatesIn(rollout);
  const phases = phasesOf(rollout?.strategy.order);
  return (
    <div className={cx("card lanes", phases.length > 6 && "seven")}>
      <div className="lane-cols" aria-hidden="true">
        <span>Gateway</span>
        <div className="track">
          {phases.map((phase) => (
            <span key={phase}>{PHASE_WORDS[phase][0]}</span>
          ))}
        </div>
        <span>Total</span>
      </div>
      {lanes.map((lane, i) => (
        <Fragment key={lane.gateway}>
          <LaneRow
            lane={lane}
            operation={operation}
            gateway={gateways.find((each) => each.name === lane.gateway)}
          >
            {log(lane.gateway)}
          </LaneRow>
          {gates
            .filter((gate) => gate.after === i + 1)
            .map((gate) => (
              <GateRow key={gate.number} gate={gate} left={lanes.length - gate.after}>
                {gate.number === approval.stage && (
                  <Button
                    variant="primary"
                    size="sm"
                    icon="check"
                    locked={approval.lock !== null}
                    busy={approval.busy}
                    onClick={approval.approve}
                  >
                    Approve stage {gate.number}
                  </Button>
                )}
              </GateRow>
            ))}
        </Fragment>
      ))}
    </div>
  );
}

function LaneRow({
  lane,
  operation,
  gateway,
  children,
}: {
  lane: Lane;
  operation: OperationView;
  gateway: GatewayView | undefined;
  children: ReactNode;
}) {
  const { rollout } = operation;
  const goal =
    rollout === null || operation.endedAt !== null
      ? null
      : rollout.direction === "back"
        ? rollout.from
        : rollout.to;
  return (
    <section
      className={cx("lane", lane.state === "running" && operation.endedAt === null && "cur")}
      aria-label={lane.gateway}
    >
      <div className="lane-h">
        <div className="lane-n">
          <div className="row">
            <span className="name">{lane.gateway}</span>
            {gateway && <Badge status={statusOfRole(gateway.role)} />}
          </div>
          <small>
            {lane.host && <span>{lane.host},</span>}
            <span className={cx("mono", gateway?.version === rollout?.to && "ink")}>
              {gateway?.version ?? "–"}
            </span>
            {goal !== null && gateway && gateway.version !== goal && (
              <>
                <Icon name="arrow-r" /> <span className="mono">{goal}</span>
              </>
            )}
          </small>
        </div>
        <ol className="track">
          {phasesOf(rollout?.strategy.order).map((phase) => (
            <Step
              key={phase}
              phase={phase}
              step={lane.phases[phase]}
              soakMs={rollout?.soakMs ?? 0}
              over={operation.endedAt !== null}
              begun={lane.state !== "pending"}
            />
          ))}
        </ol>
        <div className="lane-t">
          <b>{lane.ms > 0 ? duration(lane.ms) : "–"}</b>
          <small>{laneInWords(lane, rollout)}</small>
        </div>
      </div>
      {children}
    </section>
  );
}

/** A longer one is shown on pointing at the step: cut off it would say nothing. */
const DETAIL_CHARS_MAX = 16;

function Step({
  phase,
  step,
  soakMs,
  over,
  begun,
}: {
  phase: Phase;
  step: OperationStep | null;
  soakMs: number;
  over: boolean;
  /** The lane has begun: a phase without a step is not part of it. */
  begun: boolean;
}) {
  const now = useConsoleNow();
  const running = step?.state === "running" && !over;
  const spent =
    running && step?.startedAt ? Math.max(0, now - Date.parse(step.startedAt)) : (step?.ms ?? null);
  const look =
    step === null && begun
      ? "absent"
      : step === null || step.state === "pending"
        ? "wait"
        : step.state === "skipped"
          ? "none"
          : running
            ? "now"
            : step.state === "failed"
              ? "bad"
              : "done";
  const isSoak = phase === "soak" && running;
  return (
    <li className={cx("stp", look)} title={step?.detail ?? undefined}>
      <em className="sn">{PHASE_WORDS[phase][0]}</em>
      <span className="dot">
        {look === "done" && <Icon name="st-pass" label="done" />}
        {look === "now" && <Icon name="st-run" className="spin" label="under way" />}
        {look === "bad" && <Icon name="st-fail" label="failed" />}
        {look === "none" && <Icon name="st-skip" label="skipped" />}
      </span>
      <b>
        {isSoak
          ? `${clockTime(spent ?? 0)} of ${clockTime(soakMs)}`
          : spent !== null
            ? duration(spent)
            : " "}
      </b>
      {isSoak && step ? (
        <small>
          <span className="meter sm">
            <i
              style={{
                width: `${soakShare(step, soakMs, now) * 100}%`,
                background: "var(--color-link)",
              }}
            />
          </span>
        </small>
      ) : (
        step?.detail && step.detail.length <= DETAIL_CHARS_MAX && <small>{step.detail}</small>
      )}
    </li>
  );
}
