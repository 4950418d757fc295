"use client";

import type { OperationView } from "@chela/shared/fleet/view";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { atMinute, dayOf, duration } from "../../ui/format.ts";
import { StatusText } from "../../ui/status.tsx";
import { elapsedMs } from "../failover/phase.ts";
import { statusOfOperation } from "../failover/wording.ts";
import { useConsoleNow, useFleet, useLive } from "../fleet/live/live.tsx";
import { useRefreshOnOperations } from "../fleet/live/refresh.ts";
import { lanesOf } from "./lane-layout.ts";
import { strategyInWords } from "./strategy-form.ts";
import { rolloutHref, titleOf } from "./wording.ts";

/** Every rollout there was; running ones come from the feed. */
export function RolloutHistory({ except }: { except?: string }) {
  const { fleet } = useFleet();
  const api = useApi();
  const list = useQuery(api.operations.list.queryOptions({ fleet, limit: 50 }));
  useRefreshOnOperations(list.refetch);
  const live = useLive((state) => state.operations);
  const rollouts = merged(list.data?.items ?? [], live).filter(
    (each) => each.rollout !== null && each.id !== except,
  );
  return (
    <section className="card" aria-label={except ? "Past rollouts" : "Rollouts"}>
      <div className="card-h line">
        <h2>{except ? "Past rollouts" : "All rollouts"}</h2>
        <div className="r">
          {except && (
            <ButtonLink size="sm" icon="plus" href="/rollouts/new">
              New rollout
            </ButtonLink>
          )}
        </div>
      </div>
      {rollouts.length > 0 ? (
        <RolloutTable rollouts={rollouts} />
      ) : list.isPending ? (
        <SkeletonRows />
      ) : list.isError ? (
        <Empty
          icon="st-fail"
          bad
          title="Rollouts can't be read"
          actions={<Button onClick={() => void list.refetch()}>Try again</Button>}
        >
          {faultOf(list.error).sentence}
        </Empty>
      ) : (
        <Empty
          icon="rollouts"
          title={except ? "No rollout before this one" : "No rollout yet"}
          actions={
            !except && (
              <ButtonLink variant="primary" icon="plus" href="/rollouts/new">
                New rollout
              </ButtonLink>
            )
          }
        >
          A rollout replaces the gateways one after another, standbys first, while webhooks keep
          coming in.
        </Empty>
      )}
    </section>
  );
}

function RolloutTable({ rollouts }: { rollouts: readonly OperationView[] }) {
  const now = useConsoleNow();
  return (
    <div className="tw">
      <table className="table ro-table">
        <thead>
          <tr>
            <th>Version</th>
            <th>Result</th>
            <th>Strategy</th>
            <th className="num">Gateways</th>
            <th className="num">Took</th>
            <th>By</th>
            <th>Started</th>
          </tr>
        </thead>
        <tbody>
          {rollouts.map((operation) => {
            const lanes = lanesOf(operation);
            return (
              <tr key={operation.id}>
                <td>
                  <Link className="mono row-link" href={rolloutHref(operation.id)}>
                    <b>{titleOf(operation)}</b>
                  </Link>
                </td>
                <td>
                  <StatusText status={statusOfOperation(operation.state)} />
                </td>
                <td>{operation.rollout && strategyInWords(operation.rollout.strategy)}</td>
                <td className="num">
                  {lanes.filter((lane) => lane.state === "done").length} of {lanes.length}
                </td>
                <td className="num">{duration(elapsedMs(operation, now))}</td>
                <td>{operation.requestedBy}</td>
                <td>
                  {dayOf(operation.startedAt, now).split(",")[0]} {atMinute(operation.startedAt)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The feed knows better than the list what has changed since. */
function merged(
  stored: readonly OperationView[],
  live: Readonly<Record<string, OperationView>>,
): OperationView[] {
  const all = { ...Object.fromEntries(stored.map((each) => [each.id, each])), ...live };
  return Object.values(all).sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}
