"use client";

import type { FleetView, GatewayView } from "@chela/shared/fleet/view";
import { Callout, SkeletonRows } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { count, expected, span } from "../../ui/format.ts";
import { useNow } from "../../ui/use-now.ts";
import { Checks, checksInWords } from "./checks.tsx";
import { PlannedSteps } from "./plan.tsx";
import { Swap } from "./swap.tsx";
import type { Kind, Promotion } from "./use-promotion.ts";

const REASON_CHARS_MAX = 500;

/** Before: who, how, what it costs, what happens in which order, and whether it may. */
export function Review({
  fleet,
  to,
  promotion,
}: {
  fleet: FleetView;
  to: GatewayView;
  promotion: Promotion;
}) {
  const { preview, kind, refusal, previewFault } = promotion;
  const forced = kind === "failover";
  const from = fleet.gateways.filter((gateway) => gateway.shards > 0 && gateway.name !== to.name);
  const names = from.map((each) => each.name).join(" and ") || "nobody";
  const failed = preview?.checks.filter((check) => check.verdict === "fail") ?? [];
  return (
    <>
      <Swap fleet={fleet} to={to} forced={forced} />
      <How
        kind={kind}
        setKind={promotion.setKind}
        from={from.map((each) => each.name)}
        inFlight={preview?.figures.inFlight ?? null}
        pauseMs={preview?.figures.expectedPauseMs ?? null}
      />
      {refusal && (
        <Callout tone="fail" icon="st-fail" role="alert">
          <p>
            <b>Nothing was started.</b> {refusal.sentence}
            {refusal.reason === "plan-outdated" && " It is below, checked anew."}
          </p>
        </Callout>
      )}
      {previewFault && (
        <Callout tone="fail" icon="st-fail">
          <p>
            <b>The preflight can't be read.</b> {previewFault.sentence}
          </p>
        </Callout>
      )}
      {failed.length > 0 && (
        <Callout tone="fail" icon="st-fail">
          <p>
            <b>{forced ? "This can't be forced." : "A planned switchover can't start yet."}</b>{" "}
            {failed.map((check) => check.detail).join(" ")} The button unlocks by itself when every
            check passes.
          </p>
        </Callout>
      )}
      {forced && failed.length === 0 && <ForcedNote from={from} names={names} />}
      {preview === undefined ? (
        !previewFault && <SkeletonRows />
      ) : (
        <>
          <section className="sec">
            <h3>Expected impact</h3>
            <Impact promotion={promotion} />
            <p className="note impact-note">{preview.impact}</p>
          </section>
          {failed.length > 0 && <Preflight promotion={promotion} />}
          <section className="sec">
            <h3>
              What will happen, in order <small>{expectedInAll(preview.steps)}</small>
            </h3>
            <PlannedSteps steps={preview.steps} />
            <p className="note plan-note">
              <span className="row">
                <i className="sw" style={{ background: "var(--color-draining)" }} />
                sessions wait here
              </span>
              <span>Webhooks are accepted all the time. Nothing is reloaded.</span>
            </p>
          </section>
          {forced && failed.length === 0 && <TypedName to={to.name} promotion={promotion} />}
          {failed.length === 0 && <Preflight promotion={promotion} />}
        </>
      )}
    </>
  );
}

function How({
  kind,
  setKind,
  from,
  inFlight,
  pauseMs,
}: {
  kind: Kind;
  setKind: (kind: Kind) => void;
  from: readonly string[];
  inFlight: number | null;
  pauseMs: number | null;
}) {
  const names = from.join(" and ") || "nobody";
  const many = from.length > 1;
  const option = (value: Kind, word: string, sort: string, lines: string[]) => (
    // biome-ignore lint/a11y/useSemanticElements: a radio that holds a list of consequences
    <button
      type="button"
      className="opt"
      role="radio"
      aria-checked={kind === value}
      onClick={() => setKind(value)}
    >
      <span className="opt-h">
        <span className="radio own" />
        {word}
        <small>{sort}</small>
      </span>
      <ul className="cmp">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </button>
  );
  return (
    <section className="sec">
      <h3>How</h3>
      <div className="two" role="radiogroup" aria-label="How">
        {option("switchover", "Switchover", "planned", [
          `${names} ${many ? "finish" : "finishes"} what is in flight`,
          kind === "switchover" && pauseMs !== null
            ? `0 dropped, ${expected(pauseMs)} pause`
            : "0 dropped, a short pause",
          `Needs ${names} to answer`,
        ])}
        {option("failover", "Failover", "forced", [
          `Fences ${names} at once, no drain`,
          inFlight === null
            ? "Turns in flight are done again"
            : `Up to ${count(inFlight)} in flight done again`,
          `Works when ${names} ${many ? "hang or are" : "hangs or is"} gone`,
        ])}
      </div>
    </section>
  );
}

const ForcedNote = ({ from, names }: { from: readonly GatewayView[]; names: string }) =>
  from.length > 0 && from.every((gateway) => gateway.health === "healthy") ? (
    <Callout tone="unhealthy" icon="st-warn">
      <p>
        <b>
          {names} {from.length > 1 ? "are" : "is"} healthy.
        </b>{" "}
        A switchover moves the same shards and interrupts nothing. Force only if checks are answered
        but harm is done: a reply that is just being sent is sent again or given up, as its channel
        says; nothing that was accepted is lost.
      </p>
    </Callout>
  ) : (
    <Callout tone="warn" icon="st-warn">
      <p>
        <b>{names} may still be running.</b> It is fenced: Redis refuses its writes from then on.
        When it answers again it comes back as standby. A reply that was just being sent is sent
        again or given up, as its channel says; nothing that was accepted is lost.
      </p>
    </Callout>
  );

function Impact({ promotion: { preview, kind } }: { promotion: Promotion }) {
  if (preview === undefined) return null;
  const { sessions, inFlight, expectedPauseMs, shards } = preview.figures;
  const cells: [string, string][] = [
    ["0", "requests dropped"],
    [expected(expectedPauseMs), "pause for idle sessions"],
    [count(sessions), "sessions change owner"],
    kind === "failover"
      ? [`≤ ${count(inFlight)}`, "turns done again"]
      : [count(shards), "shards move"],
  ];
  return (
    <div className="impact">
      {cells.map(([value, name]) => (
        <div key={name}>
          <b>{value}</b>
          <span>{name}</span>
        </div>
      ))}
    </div>
  );
}

function Preflight({ promotion: { preview, checkedAt } }: { promotion: Promotion }) {
  const now = useNow();
  if (preview === undefined) return null;
  return (
    <section className="sec">
      <h3>
        Preflight{" "}
        <small>
          {checksInWords(preview.checks)}, checked {span(now - checkedAt)} ago
        </small>
      </h3>
      <Checks checks={preview.checks} />
    </section>
  );
}

const TypedName = ({ to, promotion }: { to: string; promotion: Promotion }) => (
  <div className="two force-fields">
    <Field
      label={`Type ${to} to force the failover`}
      mono
      value={promotion.typed}
      autoComplete="off"
      onChange={(event) => promotion.setTyped(event.target.value)}
      hint="The fenced gateway comes back as standby."
    />
    <Field
      label="Reason, if any"
      value={promotion.reason}
      maxLength={REASON_CHARS_MAX}
      autoComplete="off"
      onChange={(event) => promotion.setReason(event.target.value)}
      hint="Kept in the record."
    />
  </div>
);

function expectedInAll(steps: readonly { expectedMs: number | null }[]): string {
  if (steps.some((step) => step.expectedMs === null)) return "expected";
  return `expected, ${expected(steps.reduce((sum, step) => sum + (step.expectedMs ?? 0), 0))} in all`;
}
