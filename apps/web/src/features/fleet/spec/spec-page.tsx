"use client";

import { Button } from "../../../ui/button.tsx";
import { Callout, Empty, SkeletonRows } from "../../../ui/feedback.tsx";
import { TextArea } from "../../../ui/field.tsx";
import { differenceInWords, lineDifference } from "../../../ui/line-difference.ts";
import { useFleet } from "../live/live.tsx";
import { OperationCourse } from "../operation-course.tsx";
import { DifferenceList } from "./difference-list.tsx";
import { Drift } from "./drift.tsx";
import { useFleetSpec } from "./use-fleet-spec.ts";

/** What shall this fleet be? Written down, tried, applied. */
export function SpecPage() {
  const { fleet } = useFleet();
  const form = useFleetSpec();
  const changed = form.text !== form.exported;
  return (
    <>
      <div className="head">
        <div>
          <h1>Fleet spec</h1>
          <p className="sub">
            {fleet} as a document: mode, floor, gateways and edges. What is left out stays as it is;
            a list that is given is the whole list. The release is changed by a rollout only.
          </p>
        </div>
        <div className="acts">
          {form.exported !== null && (
            <a
              className="btn"
              href={`data:application/yaml;charset=utf-8,${encodeURIComponent(form.exported)}`}
              download={`${fleet}.yaml`}
            >
              Export YAML
            </a>
          )}
        </div>
      </div>
      <Drift linked={false} />
      <div className="spec-grid">
        <section className="card" aria-label="Spec">
          <div className="card-h line">
            <h2>Spec</h2>
            <div className="r">
              {form.text !== null && form.exported !== null && changed
                ? differenceInWords(lineDifference(form.exported, form.text))
                : "as it is now"}
            </div>
          </div>
          <div className="card-b pad">
            {form.text !== null ? (
              <TextArea
                label="YAML"
                rows={26}
                value={form.text}
                onChange={(event) => form.set(event.target.value)}
              />
            ) : form.unreadable ? (
              <Empty icon="st-fail" bad title="The spec can't be read">
                {form.unreadable.sentence}
              </Empty>
            ) : (
              <SkeletonRows rows={6} />
            )}
          </div>
        </section>
        <section className="card stick" aria-label="Difference">
          <div className="card-h line">
            <h2>Difference</h2>
            <div className="r">to what the fleet shall be now</div>
          </div>
          <div className="card-b pad spec-said">
            {form.fault && (
              <Callout tone="fail" icon="st-fail" role="alert">
                <p className="pre-line">
                  <b>Refused.</b> {form.fault.sentence}
                </p>
              </Callout>
            )}
            {form.operationId !== null ? (
              <OperationCourse operationId={form.operationId} />
            ) : form.applied ? (
              <Callout tone="pass" icon="st-pass" role="status">
                <p>Applied. Nothing that runs had to change for it.</p>
              </Callout>
            ) : form.difference !== null ? (
              <DifferenceList differences={form.difference} />
            ) : (
              !form.fault && (
                <p className="note">
                  Change the text, then show the difference: what would come, go or change, and what
                  each costs. Nothing is applied by that.
                </p>
              )
            )}
          </div>
          <footer className="sheet-f">
            <span className="note">{form.applyLock ?? "Asks once. Recorded as an operation."}</span>
            <Button variant="ghost" locked={!changed} onClick={form.reset}>
              Discard
            </Button>
            <Button
              locked={form.tryLock !== null}
              title={form.tryLock ?? undefined}
              busy={form.trying}
              onClick={form.tryOut}
            >
              Show difference
            </Button>
            <Button
              variant="primary"
              icon="check"
              locked={form.applyLock !== null}
              busy={form.applying}
              onClick={form.apply}
            >
              Apply
            </Button>
          </footer>
        </section>
      </div>
    </>
  );
}
