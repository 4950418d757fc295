import type { FailoverPreview, OperationStep } from "@chela/shared/fleet/view";
import { cx } from "../../ui/cx.ts";
import { count, duration, expected } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { type Bar, waterfall } from "./waterfall.ts";
import { isPause, statusOfStep, stepInWords } from "./wording.ts";

const Strip = ({ bar, look }: { bar: Bar | undefined; look: string | undefined }) => (
  <div className="wf" aria-hidden="true">
    {bar && (
      <i className={look} style={{ left: `${Math.min(bar.left, 98)}%`, width: `${bar.width}%` }} />
    )}
  </div>
);

interface Whose {
  gateway?: string;
}

/** Whose step it is; where all are of one gateway that is said above them. */
const Of = ({ step, among }: { step: Whose; among: readonly Whose[] }) =>
  step.gateway === undefined ||
  among.every(({ gateway }) => (gateway ?? step.gateway) === step.gateway) ? null : (
    <span className="mono of">{step.gateway}</span>
  );

/** Say it before: what will happen, in order, with expected times. */
export function PlannedSteps({
  steps,
}: {
  steps: readonly (FailoverPreview["steps"][number] & Whose)[];
}) {
  const bars = waterfall(steps.map((step) => step.expectedMs));
  return (
    <ol className="plan">
      {steps.map((step, i) => (
        <li key={`${step.name}${step.gateway ?? ""}`}>
          <span className="n">{i + 1}</span>
          <p>
            <b>
              {stepInWords(step.name)} <Of step={step} among={steps} />
            </b>
            <small>{step.detail}</small>
          </p>
          <Strip bar={bars[i]} look={cx(isPause(step.name) && "pz")} />
          <span className="t">{expected(step.expectedMs)}</span>
        </li>
      ))}
    </ol>
  );
}

/** Milliseconds while they tell something. */
const measured = (ms: number): string =>
  ms < 10_000 ? `${count(Math.round(ms))} ms` : duration(ms);

const LOOKS = { pending: "gh", running: "rn", done: "ok", failed: "bad", skipped: "gh" } as const;

/** Prove it after: the same list with measured times. `now` by the console's clock, for the step under way. */
export function MeasuredSteps({ steps, now }: { steps: readonly OperationStep[]; now: number }) {
  const lengths = steps.map((step) =>
    step.ms !== null
      ? step.ms
      : step.state === "running" && step.startedAt !== null
        ? Math.max(0, now - Date.parse(step.startedAt))
        : null,
  );
  const bars = waterfall(lengths);
  return (
    <ol className="plan">
      {steps.map((step, i) => {
        const status = statusOfStep(step.state);
        const ms = lengths[i];
        return (
          <li key={`${step.name}${step.gateway ?? ""}`}>
            <span className={cx("ic", status.tone)}>
              <Icon
                name={status.icon}
                label={status.word}
                className={step.state === "running" ? "spin" : undefined}
              />
            </span>
            <p>
              <b>
                {stepInWords(step.name, step.state)} <Of step={step} among={steps} />
              </b>
              {step.detail && <small>{step.detail}</small>}
            </p>
            <Strip
              bar={ms === null ? undefined : bars[i]}
              look={step.state === "done" && isPause(step.name) ? "pz" : LOOKS[step.state]}
            />
            <span className="t">{ms === null || ms === undefined ? "" : measured(ms)}</span>
          </li>
        );
      })}
    </ol>
  );
}
