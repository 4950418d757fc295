"use client";

import type { GatewayView, HostView } from "@chela/shared/fleet/view";
import { bytes } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { useFleet } from "../fleet/live/live.tsx";
import { statusOfRole } from "../fleet/wording.ts";

/** What runs on each host, and what it takes. */
export function HostCards({ hosts }: { hosts: readonly HostView[] }) {
  const { gateways, edges } = useFleet();
  return (
    <div className="three host-cards">
      {hosts.map((host) => {
        const own = gateways.filter((gateway) => gateway.host === host.name);
        const fronts = edges.filter((edge) => edge.host === host.name);
        return (
          <section className="card" key={host.name} aria-label={`Containers on ${host.name}`}>
            <div className="card-h">
              <h2 className="mono">{host.name}</h2>
              <span className="dim">{host.region}</span>
              <div className="r">
                {host.cpus !== null && `${host.cpus} cores, `}
                {bytes(host.memoryBytes)}
              </div>
            </div>
            <div className="card-b">
              {own.length + fronts.length === 0 && (
                <p className="note">Nothing of this fleet runs here yet.</p>
              )}
              <ul className="checks">
                {own.map((gateway) => (
                  <GatewayLine key={gateway.name} gateway={gateway} />
                ))}
                {fronts.map((edge) => (
                  <li key={edge.name}>
                    <span className="ic">
                      <Icon name="nginx" />
                    </span>
                    <p>
                      <b className="mono">{edge.name}</b> nginx, {edge.health}
                    </p>
                    <span className="dim">{edge.upstreams.length} upstreams</span>
                  </li>
                ))}
              </ul>
            </div>
          </section>
        );
      })}
    </div>
  );
}

function GatewayLine({ gateway }: { gateway: GatewayView }) {
  const status = statusOfRole(gateway.role);
  return (
    <li>
      <span className={`ic ${status.tone}`}>
        <Icon name={status.icon} />
      </span>
      <p>
        <b className="mono">{gateway.name}</b> {gateway.version}, {status.word.toLowerCase()}
      </p>
      <span className="dim">
        {gateway.cpuPercent === null ? "" : `${gateway.cpuPercent.toFixed(0)}%, `}
        {bytes(gateway.memoryBytes)}
      </span>
    </li>
  );
}
