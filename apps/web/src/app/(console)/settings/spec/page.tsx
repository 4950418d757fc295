import type { Metadata } from "next";
import { FleetGate } from "../../../../features/fleet/fleet-gate.tsx";
import { SpecPage } from "../../../../features/fleet/spec/spec-page.tsx";

export const metadata: Metadata = { title: "Fleet spec" };

export default function SpecRoute() {
  return (
    <FleetGate>
      <SpecPage />
    </FleetGate>
  );
}
