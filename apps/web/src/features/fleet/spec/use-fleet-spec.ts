"use client";

import type { FleetApplied } from "@chela/shared/fleet/view";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../trpc/client.ts";
import { type Fault, faultOf } from "../../../trpc/fault.ts";
import { randomId } from "../../../ui/random-id.ts";
import { useRoleLock } from "../../viewer/viewer.ts";
import { useCommandLock, useFleet } from "../live/live.tsx";
import { useRefreshOnOperations } from "../live/refresh.ts";

export interface FleetSpecForm {
  /** As typed, or as exported; null while it is not known. */
  text: string | null;
  /** What the console holds now. */
  exported: string | null;
  unreadable: Fault | null;
  set: (text: string) => void;
  reset: () => void;
  /** Of the very text on the screen; null: not asked for. */
  difference: FleetApplied["difference"] | null;
  fault: Fault | null;
  /** Why the text cannot be tried; null: it can. */
  tryLock: string | null;
  trying: boolean;
  tryOut: () => void;
  /** Why it cannot be applied; null: it can. */
  applyLock: string | null;
  applying: boolean;
  apply: () => void;
  operationId: string | null;
  /** It was applied, and there was nothing to be done for it beyond the writing. */
  applied: boolean;
}

/** A fleet as a document: exported, changed, tried, applied. */
export function useFleetSpec(): FleetSpecForm {
  const { fleet } = useFleet();
  const api = useApi();
  const [typed, setTyped] = useState<string | null>(null);
  const [tried, setTried] = useState<{ text: string; key: string } | null>(null);
  const spec = useQuery(api.fleets.export.queryOptions({ fleet }));
  useRefreshOnOperations(spec.refetch);
  const exported = spec.data?.yaml ?? null;
  const text = typed ?? exported;
  const dry = useMutation(api["fleets.apply"].mutationOptions());
  const real = useMutation(
    api["fleets.apply"].mutationOptions({
      onSuccess: () => {
        setTyped(null);
        setTried(null);
        void spec.refetch();
      },
    }),
  );
  const stale = useCommandLock();
  const role = useRoleLock("admin");
  const current = tried !== null && tried.text === text;
  const difference = current && dry.isSuccess ? dry.data.difference : null;
  const tryLock = role ?? (text === null ? "Reading the spec." : null);
  const applyLock =
    tryLock ??
    stale ??
    (difference === null ? "Show the difference first." : null) ??
    (difference?.length === 0 ? "Nothing would change." : null);
  const failed = real.isError ? real.error : current && dry.isError ? dry.error : null;
  return {
    text,
    exported,
    unreadable: spec.isError ? faultOf(spec.error) : null,
    set: (next) => {
      setTyped(next);
      real.reset();
    },
    reset: () => {
      setTyped(null);
      setTried(null);
      real.reset();
    },
    difference,
    fault: failed === null ? null : faultOf(failed),
    tryLock,
    trying: dry.isPending,
    tryOut: () => {
      if (tryLock !== null || text === null || dry.isPending) return;
      real.reset();
      setTried({ text, key: randomId() });
      dry.mutate({ fleet, yaml: text, dryRun: true });
    },
    applyLock,
    applying: real.isPending,
    apply: () => {
      if (applyLock !== null || tried === null || real.isPending) return;
      real.mutate({ fleet, yaml: tried.text, idempotencyKey: tried.key });
    },
    operationId: real.data?.operationId ?? null,
    applied: real.isSuccess && real.data.operationId === undefined,
  };
}
