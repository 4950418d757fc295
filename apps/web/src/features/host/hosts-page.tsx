"use client";

import { useState } from "react";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/feedback.tsx";
import { useFleet } from "../fleet/live/live.tsx";
import { useRoleLock } from "../viewer/viewer.ts";
import { AddGateway } from "./add-gateway.tsx";
import { AddHost } from "./add-host.tsx";
import { DrainSheet } from "./drain-sheet.tsx";
import { HostCards } from "./host-cards.tsx";
import { HostTable } from "./host-table.tsx";

/** Are the machines fit, and how do I add one? */
export function HostsPage() {
  const fleet = useFleet();
  const [adding, setAdding] = useState(false);
  const [placing, setPlacing] = useState<string | null>(null);
  const [draining, setDraining] = useState<string | null>(null);
  const lock = useRoleLock("admin");
  const reporting = fleet.hosts.filter((host) => host.connected).length;
  return (
    <>
      <div className="head">
        <div>
          <h1>Hosts</h1>
          <p className="sub">
            {reporting} of {fleet.hosts.length} reporting. An agent on each runs the containers of{" "}
            {fleet.fleet} and calls out to this console; nothing listens there.
          </p>
        </div>
        <div className="acts-col">
          <div className="acts">
            <Button
              variant="primary"
              icon="plus"
              locked={lock !== null}
              onClick={() => setAdding(true)}
            >
              Add a host
            </Button>
          </div>
          {lock && <p className="note">{lock}</p>}
        </div>
      </div>
      {fleet.hosts.length === 0 ? (
        <div className="card">
          <Empty icon="hosts" title="No host yet">
            Add the machine that runs this console first, then a second one for the standby.
          </Empty>
        </div>
      ) : (
        <>
          <HostTable hosts={fleet.hosts} onAddGateway={setPlacing} onDrain={setDraining} />
          <HostCards hosts={fleet.hosts} />
        </>
      )}
      {adding && (
        <AddHost
          onClose={() => setAdding(false)}
          onAddGateway={(host) => {
            setAdding(false);
            setPlacing(host);
          }}
        />
      )}
      {placing !== null && <AddGateway host={placing} onClose={() => setPlacing(null)} />}
      {draining !== null && <DrainSheet host={draining} onClose={() => setDraining(null)} />}
    </>
  );
}
