"use client";

import { useEffect, useRef } from "react";

/**
 * ⌘↵ or Ctrl+↵ confirms what a sheet, or the page itself, is about, wherever within it the focus is. What lies under
 * an open sheet or the palette is not meant.
 */
export function useConfirmKey(of: "sheet" | "page", active: boolean, confirm: () => void): void {
  const latest = useRef(confirm);
  latest.current = confirm;
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
      const inDialog =
        event.target instanceof Element && event.target.closest('[role="dialog"]') !== null;
      if (inDialog !== (of === "sheet")) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [of, active]);
}
