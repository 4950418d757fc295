"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { PAGES } from "./pages.ts";

const WITHIN_MS = 1_000;

/** G, then a page's letter, goes there; not while typing. */
export function useGoKeys(): void {
  const router = useRouter();
  useEffect(() => {
    let armedAt = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement &&
        event.target.matches("input, textarea, select, [role=dialog] *");
      if (typing || event.metaKey || event.ctrlKey || event.altKey) return;
      const key = event.key.toUpperCase();
      if (key === "G") {
        armedAt = event.timeStamp;
        return;
      }
      const page =
        event.timeStamp - armedAt < WITHIN_MS ? PAGES.find((each) => each.key === key) : undefined;
      armedAt = Number.NEGATIVE_INFINITY;
      if (page) router.push(page.href);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [router]);
}
