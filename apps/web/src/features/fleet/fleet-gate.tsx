"use client";

import type { ReactNode } from "react";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, Later, SkeletonRows } from "../../ui/feedback.tsx";
import { useFleets, useLive } from "./live/live.tsx";

/** Its children once the first snapshot is there; before that, what is being waited for. */
export function FleetGate({ children }: { children: ReactNode }) {
  const known = useLive((state) => state.fleet !== null);
  const lost = useLive((state) => state.connection === "lost");
  const fleets = useFleets();
  if (known) return children;
  if (fleets.isError) {
    const fault = faultOf(fleets.error);
    return (
      <div className="card">
        <Empty
          icon="st-fail"
          bad
          title="The fleet can't be read"
          actions={
            <Button variant="primary" onClick={() => void fleets.refetch()}>
              Try again
            </Button>
          }
        >
          {fault.sentence}
        </Empty>
      </div>
    );
  }
  if (lost) {
    return (
      <div className="card">
        <Empty icon="st-unreachable" bad title="The console does not answer">
          Gateways go on without it. This page connects by itself as soon as it is back.
        </Empty>
      </div>
    );
  }
  if (fleets.data?.items.length === 0) {
    return (
      <div className="card">
        <Empty icon="hosts" title="No fleet yet">
          The console knows no fleet. bin/up on this machine creates one and it appears here by
          itself.
        </Empty>
      </div>
    );
  }
  return (
    <Later>
      <div className="kpis" aria-hidden="true">
        {["a", "b", "c", "d", "e"].map((key) => (
          <div className="kpi skel-kpi" key={key}>
            <span className="skel" style={{ width: "52%" }} />
            <span className="skel" style={{ width: "38%", height: 22 }} />
            <span className="skel" style={{ width: "70%", height: 10 }} />
          </div>
        ))}
      </div>
      <div className="card">
        <SkeletonRows />
      </div>
    </Later>
  );
}
