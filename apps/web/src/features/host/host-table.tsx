"use client";

import type { HostView } from "@chela/shared/fleet/view";
import { useMutation } from "@tanstack/react-query";
import { DropdownMenu } from "radix-ui";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { cx } from "../../ui/cx.ts";
import { bytes, span } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Badge } from "../../ui/status.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useAge, useFleet } from "../fleet/live/live.tsx";
import { useRoleLock } from "../viewer/viewer.ts";
import { placementLock, statusOfHost } from "./host-status.ts";

export const HostTable = ({
  hosts,
  onAddGateway,
  onDrain,
}: {
  hosts: readonly HostView[];
  onAddGateway: (host: string) => void;
  onDrain: (host: string) => void;
}) => (
  <section className="card" aria-label="Hosts">
    <div className="tw">
      <table className="table tall hosts">
        <thead>
          <tr>
            <th>Host</th>
            <th>Status</th>
            <th>Region</th>
            <th>Gateways</th>
            <th>CPU</th>
            <th>Memory</th>
            <th>Redis from there</th>
            <th>Docker</th>
            <th>Agent</th>
            <th>Last seen</th>
            <th>
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {hosts.map((host) => (
            <HostRow key={host.name} host={host} onAddGateway={onAddGateway} onDrain={onDrain} />
          ))}
        </tbody>
      </table>
    </div>
  </section>
);

interface RowProps {
  host: HostView;
  onAddGateway: (host: string) => void;
  onDrain: (host: string) => void;
}

function HostRow({ host, onAddGateway, onDrain }: RowProps) {
  const age = useAge(host.lastSeenAt);
  const memory =
    host.memoryBytes !== null && host.memoryUsedBytes !== null
      ? (host.memoryUsedBytes / host.memoryBytes) * 100
      : null;
  return (
    <tr className={cx(!host.connected && "is-stale-row")}>
      <td>
        <span className="hostn">
          <b>{host.name}</b>
          <small className="mono">{host.address ?? "address unknown"}</small>
        </span>
      </td>
      <td>
        <Badge status={statusOfHost(host)} />
      </td>
      <td>{host.region ?? "–"}</td>
      <td>
        <span className="tags">
          {host.gateways.length === 0 && <span className="dim">none</span>}
          {host.gateways.map((gateway) => (
            <span className="tag" key={gateway}>
              <Icon name="box" />
              {gateway}
            </span>
          ))}
        </span>
      </td>
      <td>
        <Meter percent={host.cpuPercent} />
      </td>
      <td title={`${bytes(host.memoryUsedBytes)} of ${bytes(host.memoryBytes)}`}>
        <Meter percent={memory} />
      </td>
      <td className="redis-cell">
        <RedisCell host={host} />
      </td>
      <td>
        <span className="mono">{host.engineVersion ?? "–"}</span>
      </td>
      <td>
        <span className="mono">{host.agentVersion ?? "–"}</span>
      </td>
      <td>{age === null ? "never" : `${span(age)} ago`}</td>
      <td>
        <Actions host={host} onAddGateway={onAddGateway} onDrain={onDrain} />
      </td>
    </tr>
  );
}

const Meter = ({ percent }: { percent: number | null }) =>
  percent === null ? (
    <span className="dim">–</span>
  ) : (
    <span className="util">
      <span className="meter sm">
        <i style={{ width: `${Math.min(100, percent)}%` }} />
      </span>
      <span className="num">{Math.round(percent)}%</span>
    </span>
  );

function RedisCell({ host }: { host: HostView }) {
  if (host.redisReachable === null) return <span className="dim">not tried yet</span>;
  if (host.redisReachable) {
    return (
      <span className="st pass">
        <Icon name="st-pass" size={14} />
        reachable
      </span>
    );
  }
  return (
    <span className="st fail" title={host.redisReason ?? undefined}>
      <Icon name="st-fail" size={14} />
      <span className="redis-why">{host.redisReason ?? "not reachable"}</span>
    </span>
  );
}

function Actions({ host, onAddGateway, onDrain }: RowProps) {
  const api = useApi();
  const { fleet } = useFleet();
  const refused = (error: unknown) =>
    showToast("fail", `${host.name} was not changed`, faultOf(error).sentence);
  const cordon = useMutation(api.hosts.cordon.mutationOptions({ onError: refused }));
  const uncordon = useMutation(api.hosts.uncordon.mutationOptions({ onError: refused }));
  const role = useRoleLock("operator");
  const lock = role ?? placementLock(host);
  const input = { fleet, host: host.name };
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="btn ghost icon sm" aria-label={`Actions for ${host.name}`}>
        <Icon name="dots" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          <DropdownMenu.Item
            className="menu-i"
            disabled={lock !== null}
            onSelect={() => onAddGateway(host.name)}
          >
            <Icon name="plus" />
            <span>
              Add gateway
              {lock && <small>{lock}</small>}
            </span>
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-i"
            disabled={role !== null}
            onSelect={() => (host.cordoned ? uncordon : cordon).mutate(input)}
          >
            <Icon name={host.cordoned ? "play" : "lock"} />
            <span>
              {host.cordoned ? "Uncordon" : "Cordon"}
              <small>
                {role ??
                  (host.cordoned
                    ? "Gateways may be placed here again"
                    : "No new gateway is placed here")}
              </small>
            </span>
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-i"
            disabled={role !== null}
            onSelect={() => onDrain(host.name)}
          >
            <Icon name="st-draining" />
            <span>
              Drain
              <small>{role ?? "Its gateways go on elsewhere; shows how first"}</small>
            </span>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
