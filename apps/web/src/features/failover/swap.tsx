import type { FleetView, GatewayView } from "@chela/shared/fleet/view";
import { plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Badge, type Status } from "../../ui/status.tsx";
import { statusOfRole } from "../fleet/wording.ts";

const FENCED: Status = { tone: "wait", icon: "st-skip", word: "Fenced" };

/** Who gives and who takes. */
export function Swap({
  fleet,
  to,
  forced,
}: {
  fleet: FleetView;
  to: GatewayView;
  forced: boolean;
}) {
  const from = fleet.gateways.filter((gateway) => gateway.shards > 0 && gateway.name !== to.name);
  const moving = from.reduce((sum, gateway) => sum + gateway.shards, 0);
  return (
    <div className="swapv">
      <div className="swap-c">
        <div className="row between">
          <span className="name">{from.map((each) => each.name).join(", ") || "nobody"}</span>
          <small>{from.map((each) => each.host).join(", ")}</small>
        </div>
        <div className="to">
          {from.length === 0 ? (
            <small>No gateway holds a shard</small>
          ) : (
            <>
              <Badge status={statusOfRole(from[0]?.role ?? "active")} />
              <Icon name="arrow-r" />
              <Badge status={forced ? FENCED : statusOfRole("standby")} />
            </>
          )}
        </div>
        <small>{plural(moving, "shard")} to 0</small>
      </div>
      <div className="mid-i">
        <Icon name="swap" />
      </div>
      <div className="swap-c">
        <div className="row between">
          <span className="name">{to.name}</span>
          <small>{to.host}</small>
        </div>
        <div className="to">
          <Badge status={statusOfRole(to.role)} />
          <Icon name="arrow-r" />
          <Badge status={statusOfRole("active")} />
        </div>
        <small>
          {to.shards} to {plural(to.shards + moving, "shard")}
        </small>
      </div>
    </div>
  );
}
