"use client";

import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { FailoverNotices } from "../../../features/failover/notices.tsx";
import { PauseSheet } from "../../../features/failover/pause-sheet.tsx";
import { PromoteSheet } from "../../../features/failover/promote-sheet.tsx";
import { FleetGate } from "../../../features/fleet/fleet-gate.tsx";
import { LiveProvider } from "../../../features/fleet/live/live.tsx";
import { ApiProvider } from "../../../trpc/provider.tsx";
import { Announcements } from "./announcements.tsx";
import { Palette, PaletteProvider } from "./palette.tsx";
import { Side } from "./side.tsx";
import { TabBar } from "./tab-bar.tsx";
import { TopBar } from "./top-bar.tsx";

/** Around every page: navigation, the one live subscription, what can be opened from anywhere. */
export function Shell({ children }: { children: ReactNode }) {
  // People and tokens are there before there is a fleet, and for those who may see none.
  const ofFleet = !usePathname().startsWith("/settings");
  return (
    <ApiProvider>
      <LiveProvider>
        <PaletteProvider>
          <a className="skip" href="#main">
            Skip to content
          </a>
          <div className="app">
            <Side />
            <div className="col">
              <TopBar />
              <main id="main" className="page" tabIndex={-1}>
                <FailoverNotices />
                {ofFleet ? <FleetGate>{children}</FleetGate> : children}
              </main>
            </div>
          </div>
          <TabBar />
          <PromoteSheet />
          <PauseSheet />
          <Palette />
          <Announcements />
        </PaletteProvider>
      </LiveProvider>
    </ApiProvider>
  );
}
