"use client";

import { useEffect, useState } from "react";

/** True once `value` has been the same for `forMs`: typing has paused. */
export function useSettled(value: string, forMs: number): boolean {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), forMs);
    return () => clearTimeout(timer);
  }, [value, forMs]);
  return settled === value;
}
