"use client";

import type { ReactNode } from "react";
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
                <FleetGate>{children}</FleetGate>
              </main>
            </div>
          </div>
          <TabBar />
          <PromoteSheet />
          <Palette />
          <Announcements />
        </PaletteProvider>
      </LiveProvider>
    </ApiProvider>
  );
}
