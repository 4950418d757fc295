"use client";

import { useEffect, useRef } from "react";
import { useLive } from "./live.tsx";

const AT_MOST_EVERY_MS = 3_000;

/** Reads a list again when the feed tells of traffic; a quiet fleet is not asked. */
export function useRefreshOnTraffic(refetch: () => unknown): void {
  const last = useRef(0);
  const busyAt = useLive((state) => {
    const point = state.figures.at(-1);
    return point && (point.acceptedPerSecond ?? 0) + (point.duplicatesPerSecond ?? 0) > 0
      ? point.at
      : null;
  });
  useEffect(() => {
    if (busyAt === null || Date.now() - last.current < AT_MOST_EVERY_MS) return;
    last.current = Date.now();
    refetch();
  }, [busyAt, refetch]);
}

/** Reads a list again when an operation starts, steps or ends. */
export function useRefreshOnOperations(refetch: () => unknown): void {
  const latest = useLive((state) => {
    let marks = "";
    for (const operation of Object.values(state.operations))
      marks += `${operation.id}${operation.state} `;
    return marks;
  });
  const known = useRef(latest);
  useEffect(() => {
    if (known.current === latest) return;
    known.current = latest;
    refetch();
  }, [latest, refetch]);
}
