"use client";

import type { FleetView, GatewayView } from "@chela/shared/fleet/view";
import { useMutation } from "@tanstack/react-query";
import { usePathname, useSearchParams } from "next/navigation";
import { useRef } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { replaceAddress } from "../../ui/address.ts";
import { Button, ButtonLink, Keys } from "../../ui/button.tsx";
import { Callout } from "../../ui/feedback.tsx";
import { atSecond, duration } from "../../ui/format.ts";
import { Sheet } from "../../ui/sheet.tsx";
import { useConfirmKey } from "../../ui/use-confirm-key.ts";
import { useLive } from "../fleet/live/live.tsx";
import { useRoleLock, useViewer } from "../viewer/viewer.ts";
import { promoteHref } from "./href.ts";
import { elapsedMs, type Phase, phaseOf } from "./phase.ts";
import { Progress } from "./progress.tsx";
import { Review } from "./review.tsx";
import { usePromotion } from "./use-promotion.ts";

/** Open when the address says `?promote=`: can be linked, reloaded, and found again while the operation runs. */
export function PromoteSheet() {
  const query = useSearchParams();
  const fleet = useLive((state) => state.fleet);
  const gateway = fleet?.gateways.find((each) => each.name === query.get("promote"));
  if (fleet === null || gateway === undefined) return null;
  return (
    <PromoteGateway
      key={gateway.name}
      fleet={fleet}
      gateway={gateway}
      pinned={query.get("operation")}
    />
  );
}

function PromoteGateway({
  fleet,
  gateway,
  pinned,
}: {
  fleet: FleetView;
  gateway: GatewayView;
  pinned: string | null;
}) {
  const path = usePathname();
  const cancel = useRef<HTMLButtonElement>(null);
  const operations = useLive((state) => state.operations);
  const phase = phaseOf(gateway.name, pinned, operations);
  const close = () => replaceAddress(path);
  const promotion = usePromotion(fleet, gateway.name, phase.kind === "review", (operationId) =>
    replaceAddress(promoteHref(gateway.name, operationId)),
  );
  useConfirmKey("sheet", phase.kind === "review", promotion.confirm);
  const { title, lead } = heading(phase, fleet, gateway.name, promotion.kind === "failover");
  return (
    <Sheet
      name={`Promote ${gateway.name}`}
      title={title}
      lead={lead}
      open
      onClose={close}
      first={cancel}
      footer={
        phase.kind === "review" ? (
          <>
            <Note lock={promotion.lock} forced={promotion.kind === "failover"} />
            <Button ref={cancel} variant="ghost" onClick={close}>
              Cancel <Keys of={["Esc"]} />
            </Button>
            <Button
              variant={promotion.kind === "failover" ? "danger solid" : "primary"}
              icon={promotion.kind === "failover" ? "bolt" : "swap"}
              locked={promotion.lock !== null}
              busy={promotion.starting}
              onClick={promotion.confirm}
            >
              {promotion.kind === "failover"
                ? `Force failover to ${gateway.name}`
                : `Switch over to ${gateway.name}`}
              {promotion.lock === null && <Keys of={["⌘", "↵"]} />}
            </Button>
          </>
        ) : (
          <ProgressFooter phase={phase} onDone={close} />
        )
      }
    >
      {phase.kind === "review" ? (
        <Review fleet={fleet} to={gateway} promotion={promotion} />
      ) : (
        <Progress operation={phase.operation} to={gateway} />
      )}
    </Sheet>
  );
}

function Note({ lock, forced }: { lock: string | null; forced: boolean }) {
  const viewer = useViewer();
  const who = viewer?.email ?? viewer?.name;
  if (lock !== null) return <span className="note">{lock}</span>;
  return (
    <span className="note">
      {forced
        ? "Can't be undone; you can switch back later."
        : `Asks once.${who ? ` Recorded as ${who}.` : ""}`}
    </span>
  );
}

function ProgressFooter({
  phase,
  onDone,
}: {
  phase: Exclude<Phase, { kind: "review" }>;
  onDone: () => void;
}) {
  const api = useApi();
  const abort = useMutation(api.operations.abort.mutationOptions());
  const role = useRoleLock("operator");
  const { operation } = phase;
  const back = operation.failover?.from[0];
  if (phase.kind === "running") {
    return (
      <>
        {abort.isError ? (
          <Callout tone="fail" icon="st-fail" role="alert" className="grow">
            <p>{faultOf(abort.error).sentence}</p>
          </Callout>
        ) : (
          <span className="note">
            {operation.aborting
              ? "Stopping."
              : operation.automatic === null
                ? "Once the preference is written, it completes, then stops."
                : "The gateways do this by themselves; here it is only watched."}
          </span>
        )}
        {operation.automatic === null && (
          <Button
            variant="danger"
            icon="back"
            busy={abort.isPending || operation.aborting}
            locked={role !== null}
            title={role ?? undefined}
            onClick={() => abort.mutate({ operationId: operation.id })}
          >
            Stop
          </Button>
        )}
        <Button variant="ghost" onClick={onDone}>
          Close
        </Button>
      </>
    );
  }
  return (
    <>
      <span className="note" />
      <ButtonLink variant="ghost" href="/activity">
        View in Activity
      </ButtonLink>
      {operation.state === "succeeded" && back && (
        <Button icon="swap" onClick={() => replaceAddress(promoteHref(back))}>
          Switch back to {back}
        </Button>
      )}
      <Button variant="primary" onClick={onDone}>
        Done
      </Button>
    </>
  );
}

function heading(
  phase: Phase,
  fleet: FleetView,
  to: string,
  forced: boolean,
): { title: string; lead: string } {
  if (phase.kind === "review") {
    const from = fleet.gateways
      .filter((gateway) => gateway.shards > 0 && gateway.name !== to)
      .map((gateway) => gateway.name);
    const names = from.join(" and ") || "nobody";
    return forced
      ? {
          title: `Force failover to ${to}`,
          lead: `${names} ${from.length > 1 ? "are" : "is"} fenced without draining, in ${fleet.fleet}.`,
        }
      : {
          title: `Promote ${to}`,
          lead: `It takes over from ${names} as active in ${fleet.fleet}.`,
        };
  }
  const { operation } = phase;
  const { automatic } = operation;
  if (automatic !== null) {
    return phase.kind === "running"
      ? {
          title: `${to} is taking over`,
          lead: `Nobody ordered it: ${automatic.cause}`,
        }
      : {
          title: operation.state === "succeeded" ? `${to} took over` : `${to} did not take over`,
          lead: `By itself at ${atSecond(operation.startedAt)}, ${duration(elapsedMs(operation, 0))} from the loss noticed to verified.`,
        };
  }
  const word = operation.kind === "failover" ? "Failover" : "Switchover";
  if (phase.kind === "running") {
    const at = operation.steps.findIndex((step) => step.state === "running") + 1;
    return {
      title:
        operation.kind === "failover" ? `Forcing failover to ${to}` : `Switching over to ${to}`,
      lead: `${at > 0 ? `Step ${at} of ${operation.steps.length}. ` : ""}Safe to close: it goes on, and is recorded in Activity.`,
    };
  }
  const took = `${atSecond(operation.endedAt ?? operation.startedAt)}, ${duration(elapsedMs(operation, 0))} from click to verified.`;
  return operation.state === "succeeded"
    ? { title: `${to} is active`, lead: `${word} finished at ${took}` }
    : {
        title: `${word} to ${to} did not finish`,
        lead: `Ended at ${atSecond(operation.endedAt ?? operation.startedAt)}.`,
      };
}
