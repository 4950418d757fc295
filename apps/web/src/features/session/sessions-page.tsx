"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { replaceAddress } from "../../ui/address.ts";
import { count, percent } from "../../ui/format.ts";
import { DedupePanel } from "../dedupe/dedupe-panel.tsx";
import { useFleet } from "../fleet/live/live.tsx";
import { SessionList } from "./session-list.tsx";
import { Transcript } from "./transcript.tsx";

/** Who owns this session, who handled each message? What is shown is in the address. */
export function SessionsPage() {
  const fleet = useFleet();
  const path = usePathname();
  const query = useSearchParams();
  const tab = query.get("tab") === "dedupe" ? "dedupe" : "sessions";
  const open = query.get("session");
  const set = (changes: Record<string, string | null>) => {
    const next = new URLSearchParams(query);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === "") next.delete(key);
      else next.set(key, value);
    }
    replaceAddress(next.size > 0 ? `${path}?${next}` : path);
  };
  const tabOf = (value: "sessions" | "dedupe", word: string, figure: string) => (
    <button
      type="button"
      role="tab"
      id={`tab-${value}`}
      aria-selected={tab === value}
      aria-controls={`panel-${value}`}
      onClick={() => set({ tab: value === "sessions" ? null : value })}
    >
      {word} <em>{figure}</em>
    </button>
  );
  return (
    <>
      <h1 className="sr">Sessions</h1>
      <div className="tabs" role="tablist">
        {tabOf("sessions", "Sessions", count(fleet.sessions.total))}
        {tabOf(
          "dedupe",
          "Dedupe",
          fleet.dedupe.hitRate === null
            ? "nothing came in"
            : `${percent(fleet.dedupe.hitRate)}% hit rate`,
        )}
      </div>
      <div id={`panel-${tab}`} role="tabpanel" aria-labelledby={`tab-${tab}`} className="stack">
        {tab === "dedupe" ? (
          <DedupePanel />
        ) : (
          <div className={open ? "ss-grid" : undefined}>
            <SessionList
              search={query.get("q") ?? ""}
              channel={query.get("channel")}
              selected={open}
              set={set}
            />
            {open && (
              <Transcript key={open} session={open} onClose={() => set({ session: null })} />
            )}
          </div>
        )}
      </div>
    </>
  );
}
