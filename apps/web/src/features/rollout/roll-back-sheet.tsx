"use client";

import type { KnownRelease } from "@chela/shared/fleet/view";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button, Keys } from "../../ui/button.tsx";
import { Callout } from "../../ui/feedback.tsx";
import { shortDigest } from "../../ui/format.ts";
import { randomId } from "../../ui/random-id.ts";
import { Sheet } from "../../ui/sheet.tsx";
import { useConfirmKey } from "../../ui/use-confirm-key.ts";
import { useCommandLock, useFleet } from "../fleet/live/live.tsx";
import { useRoleLock } from "../viewer/viewer.ts";
import { rolloutHref } from "./wording.ts";

/** Back to an earlier release: its image and its configuration together. */
export function RollBackSheet({
  release,
  onClose,
}: {
  release: KnownRelease;
  onClose: () => void;
}) {
  const fleet = useFleet();
  const api = useApi();
  const router = useRouter();
  const cancel = useRef<HTMLButtonElement>(null);
  // The same press is the same command, however often its answer is lost.
  const [key] = useState(randomId);
  const back = useMutation(
    api.rollouts.rollback.mutationOptions({
      onSuccess: ({ operationId }) => router.push(rolloutHref(operationId)),
    }),
  );
  const stale = useCommandLock();
  const role = useRoleLock("operator");
  const busy = fleet.operationId !== null ? "Another operation is under way." : null;
  const lock = role ?? stale ?? busy;
  const confirm = () => {
    if (lock !== null || back.isPending || back.isSuccess) return;
    back.mutate({ fleet: fleet.fleet, release: release.number, idempotencyKey: key });
  };
  useConfirmKey("sheet", true, confirm);
  const due = fleet.gateways.filter((gateway) => gateway.release !== release.number);
  return (
    <Sheet
      name={`Roll back to release ${release.number}`}
      title={`Roll back to release ${release.number}`}
      lead={`Every gateway of ${fleet.fleet} runs its image and its configuration again.`}
      open
      onClose={onClose}
      first={cancel}
      footer={
        <>
          <span className="note">{lock ?? "You can pause or abort at any time."}</span>
          <Button ref={cancel} variant="ghost" onClick={onClose}>
            Cancel <Keys of={["Esc"]} />
          </Button>
          <Button
            variant="primary"
            icon="back"
            locked={lock !== null}
            busy={back.isPending || back.isSuccess}
            onClick={confirm}
          >
            Roll back to {release.number}
            {lock === null && <Keys of={["⌘", "↵"]} />}
          </Button>
        </>
      }
    >
      {back.isError && (
        <Callout tone="fail" icon="st-fail" role="alert">
          <p>
            <b>Not started.</b> {faultOf(back.error).sentence}
          </p>
        </Callout>
      )}
      <dl className="facts-list">
        <div>
          <dt>Image</dt>
          <dd className="mono">
            {release.image} <span className="dim">{shortDigest(release.imageId)}</span>
          </dd>
        </div>
        <div>
          <dt>Configuration</dt>
          <dd className="mono">
            {release.configHash.slice(0, 12)}
            {release.configHash === fleet.release?.configHash && (
              <span className="dim"> the same as now</span>
            )}
          </dd>
        </div>
        <div>
          <dt>Changed</dt>
          <dd>
            {due.length === 0
              ? "No gateway: all run it already."
              : `${due.map((gateway) => gateway.name).join(", ")}, standbys first, the active last.`}
          </dd>
        </div>
      </dl>
      <Callout icon="info">
        <p>
          A rollback skips canary and soak, and is never rolled back by itself. Webhooks are
          accepted all the while.
        </p>
      </Callout>
    </Sheet>
  );
}
