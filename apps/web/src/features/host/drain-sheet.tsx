"use client";

import type { HostDrainPreview } from "@chela/shared/fleet/view";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button, Keys } from "../../ui/button.tsx";
import { Callout, SkeletonRows } from "../../ui/feedback.tsx";
import { randomId } from "../../ui/random-id.ts";
import { Segments } from "../../ui/segments.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Badge } from "../../ui/status.tsx";
import { useConfirmKey } from "../../ui/use-confirm-key.ts";
import { Checks, checksInWords } from "../failover/checks.tsx";
import { PlannedSteps } from "../failover/plan.tsx";
import { useCommandLock, useFleet } from "../fleet/live/live.tsx";
import { OperationCourse } from "../fleet/operation-course.tsx";
import { statusOfRole } from "../fleet/wording.ts";
import { useRoleLock } from "../viewer/viewer.ts";
import { drainButton, fateInWords } from "./drain-words.ts";

const RECHECK_MS = 2_000;
type MoveTo = "others" | "none";

/** Cordon a host, and let its gateways go on elsewhere, or end: shown first, then done. */
export function DrainSheet({ host, onClose }: { host: string; onClose: () => void }) {
  const { fleet } = useFleet();
  const api = useApi();
  const cancel = useRef<HTMLButtonElement>(null);
  const [moveTo, setMoveTo] = useState<MoveTo>("others");
  // The same press is the same command, however often its answer is lost.
  const [key] = useState(randomId);
  const drain = useMutation(
    api.hosts.drain.mutationOptions({ onError: () => void preview.refetch() }),
  );
  const begun = drain.isSuccess;
  const preview = useQuery(
    api.hosts.previewDrain.queryOptions(
      { fleet, host, moveTo },
      { enabled: !begun, refetchInterval: RECHECK_MS, staleTime: 0, gcTime: 0, retry: false },
    ),
  );
  const stale = useCommandLock();
  const role = useRoleLock("operator");
  const failed = preview.data?.checks.find((check) => check.verdict === "fail");
  const lock =
    role ??
    stale ??
    (preview.isError ? "The preview did not answer; it is asked again by itself." : null) ??
    (preview.data === undefined ? "Checking." : null) ??
    failed?.detail ??
    null;
  const confirm = () => {
    if (lock !== null || drain.isPending || begun || preview.data === undefined) return;
    drain.mutate({ fleet, host, moveTo, planHash: preview.data.planHash, idempotencyKey: key });
  };
  useConfirmKey("sheet", true, confirm);
  return (
    <Sheet
      name={`Drain ${host}`}
      title={`Drain ${host}`}
      lead="No new gateway is placed here; those that run here go on elsewhere, or end."
      open
      onClose={onClose}
      first={cancel}
      footer={
        <>
          <span className="note">
            {begun
              ? "Safe to close: it goes on, and is recorded in Activity."
              : (lock ?? "Uncordon it to undo.")}
          </span>
          <Button ref={cancel} variant="ghost" onClick={onClose}>
            {begun ? "Close" : "Cancel"} <Keys of={["Esc"]} />
          </Button>
          {!begun && (
            <Button
              variant="danger solid"
              icon="st-draining"
              locked={lock !== null}
              busy={drain.isPending}
              onClick={confirm}
            >
              {drainButton(host, preview.data?.gateways.length ?? 1)}
              {lock === null && <Keys of={["⌘", "↵"]} />}
            </Button>
          )}
        </>
      }
    >
      {drain.isError && (
        <Callout tone="fail" icon="st-fail" role="alert">
          <p>
            <b>Not started.</b> {faultOf(drain.error).sentence}
          </p>
        </Callout>
      )}
      {drain.data ? (
        <OperationCourse operationId={drain.data.operationId} />
      ) : (
        <>
          <section className="sec">
            <h3>Its gateways</h3>
            <Segments
              label="Its gateways"
              value={moveTo}
              options={[
                ["others", "Go on on other hosts"],
                ["none", "Are removed"],
              ]}
              onChange={setMoveTo}
            />
          </section>
          {preview.data ? (
            <Preview preview={preview.data} />
          ) : preview.isError ? (
            <Callout tone="fail" icon="st-fail">
              <p>
                <b>The preview can't be read.</b> {faultOf(preview.error).sentence}
              </p>
            </Callout>
          ) : (
            <SkeletonRows />
          )}
        </>
      )}
    </Sheet>
  );
}

function Preview({ preview }: { preview: HostDrainPreview }) {
  return (
    <>
      <p className="ink">{preview.impact}</p>
      {preview.gateways.length > 0 && (
        <ul className="fates">
          {preview.gateways.map((each) => (
            <li key={each.gateway}>
              <b className="mono">{each.gateway}</b>
              <Badge status={statusOfRole(each.role)} />
              <span>{fateInWords(each)}</span>
            </li>
          ))}
        </ul>
      )}
      {preview.steps.length > 0 && (
        <section className="sec">
          <h3>What will happen, in order</h3>
          <PlannedSteps steps={preview.steps} />
        </section>
      )}
      <section className="sec">
        <h3>
          Checks <small>{checksInWords(preview.checks)}</small>
        </h3>
        <Checks checks={preview.checks} />
      </section>
    </>
  );
}
