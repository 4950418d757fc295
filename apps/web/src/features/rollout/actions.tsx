"use client";

import type { OperationView } from "@chela/shared/fleet/view";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button, ButtonLink, Keys } from "../../ui/button.tsx";
import { Callout } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icon.tsx";
import { useConfirmKey } from "../../ui/use-confirm-key.ts";
import { useCommandLock, useLive } from "../fleet/live/live.tsx";
import { useRoleLock } from "../viewer/viewer.ts";
import { approvable } from "./stages.ts";

export interface Approval {
  /** Number of the stage that waits; null: none does. */
  stage: number | null;
  lock: string | null;
  busy: boolean;
  approve: () => void;
  fault: string | null;
}

/** Lets the rollout past the stage that is on the screen, and no other: the approval carries it. */
export function useApproval(operation: OperationView): Approval {
  const api = useApi();
  const stale = useCommandLock();
  const role = useRoleLock("operator");
  const approve = useMutation(api.rollouts.approve.mutationOptions());
  const gate = operation.endedAt === null ? approvable(operation.rollout) : null;
  const lock = role ?? stale;
  const stage = gate?.stage ?? null;
  return {
    stage: gate?.number ?? null,
    lock,
    busy: approve.isPending,
    fault: approve.isError ? faultOf(approve.error).sentence : null,
    approve: () => {
      if (lock !== null || stage === null || approve.isPending) return;
      approve.mutate({ operationId: operation.id, stage });
    },
  };
}

/** What can be done to a rollout at any time. */
export function Actions({
  operation,
  approval,
  consequence,
}: {
  operation: OperationView;
  approval: Approval;
  /** What an abort would do now. */
  consequence: string;
}) {
  const api = useApi();
  const stale = useCommandLock();
  const role = useRoleLock("operator");
  const [asking, setAsking] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  const pause = useMutation(api.rollouts.pause.mutationOptions());
  const resume = useMutation(api.rollouts.resume.mutationOptions());
  const abort = useMutation(
    api.rollouts.abort.mutationOptions({ onSettled: () => setAsking(false) }),
  );
  const connection = useLive((state) => state.connection);
  useConfirmKey("page", approval.stage !== null, approval.approve);
  useEffect(() => {
    if (asking) keep.current?.focus();
  }, [asking]);
  if (operation.endedAt !== null) {
    return (
      <div className="acts">
        <ButtonLink href="/rollouts/new" icon="plus">
          New rollout
        </ButtonLink>
      </div>
    );
  }
  const input = { operationId: operation.id };
  const lock = role ?? stale;
  const failed = [pause, resume, abort].find((mutation) => mutation.isError);
  const fault = failed ? faultOf(failed.error).sentence : approval.fault;
  const paused = operation.state === "paused";
  const back = operation.aborting || operation.rollout?.direction === "back";
  return (
    <div className="acts-col">
      <div className="acts">
        {!back && (
          <Button
            icon={paused ? "play" : "pause"}
            locked={lock !== null}
            busy={pause.isPending || resume.isPending}
            onClick={() => (paused ? resume : pause).mutate(input)}
          >
            {paused ? "Resume" : "Pause"}
          </Button>
        )}
        {!back && (
          <Button
            variant="danger"
            icon="back"
            locked={lock !== null}
            busy={abort.isPending}
            aria-expanded={asking}
            onClick={() => setAsking(!asking)}
          >
            Abort and roll back
          </Button>
        )}
        {approval.stage !== null && (
          <Button
            variant="primary"
            icon="check"
            locked={approval.lock !== null}
            busy={approval.busy}
            onClick={approval.approve}
          >
            Approve stage {approval.stage} <Keys of={["⌘", "↵"]} />
          </Button>
        )}
      </div>
      {lock && !back && <p className="note">{lock}</p>}
      {fault && connection === "open" && (
        <p className="err-t" role="alert">
          <Icon name="st-fail" />
          {fault}
        </p>
      )}
      {asking && !back && (
        <Callout tone="warn" icon="st-warn">
          <p>
            <b>If you abort now:</b> {consequence}
          </p>
          <div className="row callout-acts">
            <Button
              variant="danger solid"
              size="sm"
              busy={abort.isPending}
              onClick={() => abort.mutate(input)}
            >
              Abort it
            </Button>
            <Button ref={keep} variant="ghost" size="sm" onClick={() => setAsking(false)}>
              Keep going
            </Button>
          </div>
        </Callout>
      )}
    </div>
  );
}
