"use client";

import type { FleetView } from "@chela/shared/fleet/view";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { when } from "../../ui/format.ts";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useConsoleNow, useLive } from "../fleet/live/live.tsx";
import { useRoleLock } from "../viewer/viewer.ts";

/** What nobody may miss, on every page: automatic failover is paused, or holds itself back. */
export function FailoverNotices() {
  const fleet = useLive((state) => state.fleet);
  if (fleet === null) return null;
  return (
    <>
      {fleet.failoverPaused && <Paused fleet={fleet.fleet} paused={fleet.failoverPaused} />}
      {fleet.flapping && <Flapping fleet={fleet.fleet} flapping={fleet.flapping} />}
    </>
  );
}

function Paused({
  fleet,
  paused,
}: {
  fleet: string;
  paused: NonNullable<FleetView["failoverPaused"]>;
}) {
  const api = useApi();
  const now = useConsoleNow();
  const lock = useRoleLock("operator");
  const resume = useMutation(
    api.failover.resume.mutationOptions({
      onError: (error) => showToast("fail", "Not resumed", faultOf(error).sentence),
    }),
  );
  return (
    <Banner
      tone="unhealthy"
      icon="pause"
      name="Automatic failover is paused"
      action={
        <Button
          size="sm"
          icon="play"
          locked={lock !== null}
          title={lock ?? undefined}
          busy={resume.isPending}
          onClick={() => resume.mutate({ fleet })}
        >
          Resume
        </Button>
      }
    >
      <b>Automatic failover is paused</b> by {paused.by} since {when(paused.at, now)}
      {paused.reason ? `: ${paused.reason}` : ", without a reason"}. Sessions of a gateway that dies
      wait for it a few seconds before another takes them.
    </Banner>
  );
}

function Flapping({
  fleet,
  flapping,
}: {
  fleet: string;
  flapping: NonNullable<FleetView["flapping"]>;
}) {
  const api = useApi();
  const now = useConsoleNow();
  const lock = useRoleLock("operator");
  const acknowledge = useMutation(
    api.failover.acknowledge.mutationOptions({
      onError: (error) => showToast("fail", "Not acknowledged", faultOf(error).sentence),
    }),
  );
  return (
    <Banner
      tone="warn"
      icon="st-warn"
      name="Sessions moved too often"
      action={
        <Button
          size="sm"
          icon="check"
          locked={lock !== null}
          title={lock ?? undefined}
          busy={acknowledge.isPending}
          onClick={() => acknowledge.mutate({ fleet })}
        >
          Acknowledge
        </Button>
      }
    >
      <b>Gateways take sessions from each other</b> since {when(flapping.since, now)}:{" "}
      {flapping.detail} Moves away from one that lives are held back until somebody acknowledges it;
      one that dies is still replaced.
    </Banner>
  );
}

const Banner = ({
  tone,
  icon,
  name,
  action,
  children,
}: {
  tone: "warn" | "unhealthy";
  icon: IconName;
  name: string;
  action: ReactNode;
  children: ReactNode;
}) => (
  <section className={`banner ${tone}`} aria-label={name}>
    <Icon name={icon} />
    <p role="alert">{children}</p>
    <div className="r">{action}</div>
  </section>
);
