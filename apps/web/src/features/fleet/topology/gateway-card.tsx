"use client";

import type { GatewayView } from "@chela/shared/fleet/view";
import { pushAddress } from "../../../ui/address.ts";
import { Button } from "../../../ui/button.tsx";
import { cx } from "../../../ui/cx.ts";
import { atSecond, count, span } from "../../../ui/format.ts";
import { Spark } from "../../../ui/spark.tsx";
import { Badge, StatusText } from "../../../ui/status.tsx";
import { promoteHref } from "../../failover/href.ts";
import { useRoleLock } from "../../viewer/viewer.ts";
import { LIVE_MS } from "../live/freshness.ts";
import { useAge, useConsoleNow, useFreshness, useLive } from "../live/live.tsx";
import { roleThen, statusOfHealth, statusOfRole } from "../wording.ts";

const SPARK_POINTS = 60;

/** One gateway: role first, then health, then numbers. The left edge repeats the role as a pattern. */
export function GatewayCard({ gateway }: { gateway: GatewayView }) {
  const age = useAge(gateway.observedAt);
  const stale = useFreshness().kind === "stale" || (age !== null && age > LIVE_MS);
  const status = stale ? roleThen(gateway.role) : statusOfRole(gateway.role);
  const unwell = gateway.health !== "healthy";
  return (
    <article
      className={cx(
        "gw",
        stale ? "is-old" : unwell && gateway.health !== "starting" ? gateway.health : status.tone,
      )}
      aria-label={gateway.name}
    >
      <div className="gw-1st">
        <span className="name">{gateway.name}</span>
        <Badge status={status} />
        <span className="r">
          {stale && gateway.observedAt ? (
            <span className="hl">as of {atSecond(gateway.observedAt)}</span>
          ) : (
            <>
              <span className="ver trunc" title={gateway.image}>
                {gateway.version}
              </span>
              <Health gateway={gateway} />
            </>
          )}
        </span>
      </div>
      {gateway.role === "standby" ? (
        <div className="row between end">
          <Numbers gateway={gateway} then={stale} spark={false} />
          <PromoteButton gateway={gateway.name} stale={stale} />
        </div>
      ) : (
        <Numbers gateway={gateway} then={stale} spark={!stale} />
      )}
    </article>
  );
}

function Health({ gateway }: { gateway: GatewayView }) {
  const now = useConsoleNow();
  const status = statusOfHealth(gateway.health);
  const up =
    gateway.health === "healthy" && gateway.startedAt
      ? ` ${span(now - Date.parse(gateway.startedAt))}`
      : "";
  return (
    <span title={gateway.healthReason ?? `Running for${up}`}>
      <StatusText status={{ ...status, word: status.word + up }} className="hl" />
    </span>
  );
}

function Numbers({
  gateway,
  then,
  spark,
}: {
  gateway: GatewayView;
  then: boolean;
  spark: boolean;
}) {
  const figures = useLive((state) => state.figures);
  const why =
    gateway.health === "healthy" || gateway.role === "standby" ? null : gateway.healthReason;
  const rows: [string, string][] = [
    ["Sessions", count(gateway.sessions)],
    ["In flight", count(gateway.inFlight)],
    ["Epoch", count(gateway.epoch)],
    ["Shards", count(gateway.shards)],
  ];
  return (
    <dl className={cx("gw-m", why ? "with-why" : !spark && "three-cols")}>
      {rows.slice(0, why ? 2 : spark ? 4 : 3).map(([name, value]) => (
        <div key={name}>
          <dt>{then ? `${name} then` : name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {why ? (
        <div className="gw-why" title={why}>
          {why}
        </div>
      ) : (
        spark && (
          <Spark
            height={26}
            color="var(--color-active)"
            values={figures
              .slice(-SPARK_POINTS)
              .map((point) => point.sessionsByGateway[gateway.name] ?? null)}
          />
        )
      )}
    </dl>
  );
}

/** Opens the sheet; nothing moves before its own button is pressed. Open on stale figures too: forcing needs none. */
function PromoteButton({ gateway, stale }: { gateway: string; stale: boolean }) {
  const lock = useRoleLock("operator");
  return (
    <span className="promote-at">
      <Button
        variant={stale ? undefined : "promote"}
        size="sm"
        icon="promote"
        locked={lock !== null}
        title={lock ?? undefined}
        aria-label={`Promote ${gateway}`}
        aria-describedby={lock === null ? undefined : `why-${gateway}`}
        onClick={() => pushAddress(promoteHref(gateway))}
      >
        Promote
      </Button>
      {lock && (
        <small className="sr" id={`why-${gateway}`}>
          {lock}
        </small>
      )}
    </span>
  );
}
