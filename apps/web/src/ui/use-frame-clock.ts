"use client";

import { useEffect, useState } from "react";

/** Wall time at the pace of the screen while `running`, for a stopwatch; stands still otherwise. */
export function useFrameClock(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    let frame = requestAnimationFrame(function tick() {
      setNow(Date.now());
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [running]);
  return now;
}
