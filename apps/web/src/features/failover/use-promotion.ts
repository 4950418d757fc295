"use client";

import type { FailoverPreview, FleetView } from "@chela/shared/fleet/view";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { type Fault, faultOf } from "../../trpc/fault.ts";
import { randomId } from "../../ui/random-id.ts";
import { useCommandLock } from "../fleet/live/live.tsx";
import { useRoleLock } from "../viewer/viewer.ts";

const RECHECK_MS = 1_000;

export type Kind = "switchover" | "failover";

export interface Promotion {
  kind: Kind;
  setKind: (kind: Kind) => void;
  preview: FailoverPreview | undefined;
  previewFault: Fault | null;
  /** Local time of the last preflight. */
  checkedAt: number;
  typed: string;
  setTyped: (name: string) => void;
  reason: string;
  setReason: (reason: string) => void;
  /** Why it cannot be confirmed now; null: it can. */
  lock: string | null;
  /** What the last attempt was refused with. */
  refusal: Fault | null;
  starting: boolean;
  confirm: () => void;
}

/** Everything between opening the sheet and the operation's id. */
export function usePromotion(
  fleet: FleetView,
  gateway: string,
  reviewing: boolean,
  onStarted: (operationId: string) => void,
): Promotion {
  const api = useApi();
  const [kind, setKind] = useState<Kind>("switchover");
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const stale = useCommandLock();
  const role = useRoleLock("operator");
  const preview = useQuery(
    api.failover.preview.queryOptions(
      { fleet: fleet.fleet, gateway, kind },
      { enabled: reviewing, refetchInterval: RECHECK_MS, staleTime: 0, gcTime: 0, retry: false },
    ),
  );
  const execute = useMutation(
    api.failover.execute.mutationOptions({
      onSuccess: ({ operationId }) => onStarted(operationId),
      // The plan no longer fits: show the new one beside what has changed.
      onError: () => void preview.refetch(),
    }),
  );
  const failed = preview.data?.checks.filter((check) => check.verdict === "fail").length ?? 0;
  const lock =
    role ??
    // Forcing is for when the figures have stopped: it does not wait for them.
    (kind === "switchover" ? stale : null) ??
    (preview.isError ? "The preflight did not answer; it is asked again by itself." : null) ??
    (preview.data === undefined ? "Checking." : null) ??
    (failed > 0
      ? `Blocked by ${failed === 1 ? "a failed check" : `${failed} failed checks`}.`
      : null) ??
    (kind === "failover" && typed !== gateway ? `Type ${gateway} to force it.` : null);
  return {
    kind,
    setKind: (next) => {
      setKind(next);
      setTyped("");
      execute.reset();
    },
    preview: preview.data,
    previewFault: preview.isError ? faultOf(preview.error) : null,
    checkedAt: preview.dataUpdatedAt,
    typed,
    setTyped,
    reason,
    setReason,
    lock,
    refusal: execute.isError ? faultOf(execute.error) : null,
    starting: execute.isPending || execute.isSuccess,
    confirm: () => {
      if (lock !== null || execute.isPending || preview.data === undefined) return;
      execute.mutate({
        fleet: fleet.fleet,
        gateway,
        kind,
        planHash: preview.data.planHash,
        idempotencyKey: randomId(),
        ...(reason.trim() !== "" && { reason: reason.trim() }),
        ...(kind === "failover" ? { confirm: typed } : {}),
      });
    },
  };
}
