"use client";

import { Callout, SkeletonRows } from "../../ui/feedback.tsx";
import { MeasuredSteps } from "../failover/plan.tsx";
import { statusOfOperation } from "../failover/wording.ts";
import { useConsoleNow, useOperation } from "./live/live.tsx";

/** An operation that was just started: its state in words, then its steps with measured times. */
export function OperationCourse({ operationId }: { operationId: string }) {
  const operation = useOperation(operationId);
  const now = useConsoleNow();
  if (operation === null) return <SkeletonRows />;
  const status = statusOfOperation(operation.state);
  return (
    <>
      <Callout tone={status.tone} icon={status.icon} className="result" role="status">
        <p className="ink">
          {operation.outcome ??
            (operation.waitingFor ? `Waiting for ${operation.waitingFor}.` : "Under way.")}
        </p>
      </Callout>
      <section className="sec">
        <h3>Steps</h3>
        <MeasuredSteps steps={operation.steps} now={now} />
      </section>
    </>
  );
}
