"use client";

import type { OperationView } from "@chela/shared/fleet/view";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { promoteHref } from "../../../features/failover/href.ts";
import { statusOfOperation } from "../../../features/failover/wording.ts";
import { useFreshness, useLive } from "../../../features/fleet/live/live.tsx";
import { rolloutHref } from "../../../features/rollout/wording.ts";
import { Button } from "../../../ui/button.tsx";
import { showToast } from "../../../ui/toasts.tsx";

/** Says what ended while one was looking elsewhere, and that figures are live again. */
export function Announcements() {
  useEndings();
  useReturn();
  return null;
}

function useEndings(): void {
  const router = useRouter();
  const operations = useLive((state) => state.operations);
  const running = useRef(new Set<string>());
  useEffect(() => {
    for (const operation of Object.values(operations)) {
      if (operation.endedAt === null) {
        running.current.add(operation.id);
        continue;
      }
      if (!running.current.delete(operation.id)) continue;
      const href = operation.rollout
        ? rolloutHref(operation.id)
        : operation.failover
          ? promoteHref(operation.failover.to, operation.id)
          : "/activity";
      // Whoever has it open sees the outcome there.
      if (isOpen(operation)) continue;
      const { word } = statusOfOperation(operation.state);
      showToast(
        operation.state === "succeeded" ? "pass" : operation.state === "failed" ? "fail" : "warn",
        `${operation.title}: ${word.toLowerCase()}`,
        operation.outcome ?? undefined,
        <Button size="sm" onClick={() => router.push(href, { scroll: false })}>
          Show
        </Button>,
      );
    }
  }, [operations, router]);
}

const isOpen = (operation: OperationView): boolean =>
  operation.failover
    ? new URLSearchParams(window.location.search).get("promote") === operation.failover.to
    : window.location.pathname === rolloutHref(operation.id);

function useReturn(): void {
  const { kind } = useFreshness();
  const wasStale = useRef(false);
  useEffect(() => {
    if (kind === "stale") wasStale.current = true;
    else if (kind === "live" && wasStale.current) {
      wasStale.current = false;
      showToast("pass", "Live again", "The console answers; figures and actions are current.");
    }
  }, [kind]);
}
