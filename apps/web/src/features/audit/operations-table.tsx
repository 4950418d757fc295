"use client";

import type { OperationView } from "@chela/shared/fleet/view";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useApi } from "../../trpc/client.ts";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { atSecond, dayOf, duration } from "../../ui/format.ts";
import { StatusText } from "../../ui/status.tsx";
import { promoteHref } from "../failover/href.ts";
import { elapsedMs } from "../failover/phase.ts";
import { statusOfOperation } from "../failover/wording.ts";
import { useConsoleNow, useFleet, useLive } from "../fleet/live/live.tsx";
import { useRefreshOnOperations } from "../fleet/live/refresh.ts";
import { rolloutHref } from "../rollout/wording.ts";

const SHOWN_MAX = 12;

/** Operations with their outcome; those under way move. */
export function OperationsTable() {
  const { fleet } = useFleet();
  const api = useApi();
  const now = useConsoleNow();
  const live = useLive((state) => state.operations);
  const list = useQuery(api.operations.list.queryOptions({ fleet, limit: SHOWN_MAX }));
  useRefreshOnOperations(list.refetch);
  const known = {
    ...Object.fromEntries((list.data?.items ?? []).map((each) => [each.id, each])),
    ...live,
  };
  const operations = Object.values(known)
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
    .slice(0, SHOWN_MAX);
  return (
    <section className="card" aria-label="Operations">
      <div className="card-h line">
        <h2>Operations</h2>
      </div>
      {operations.length > 0 ? (
        <div className="tw">
          <table className="table act">
            <thead>
              <tr>
                <th>Started</th>
                <th>By</th>
                <th>What</th>
                <th>Result</th>
                <th>Outcome</th>
                <th className="num">Took</th>
              </tr>
            </thead>
            <tbody>
              {operations.map((operation) => (
                <tr key={operation.id}>
                  <td className="mono">
                    {dayOf(operation.startedAt, now).startsWith("Today")
                      ? ""
                      : `${dayOf(operation.startedAt, now).split(",")[0]} `}
                    {atSecond(operation.startedAt)}
                  </td>
                  <td>{operation.automatic === null ? operation.requestedBy : "by itself"}</td>
                  <td>
                    <What operation={operation} />
                  </td>
                  <td>
                    <StatusText status={statusOfOperation(operation.state)} />
                  </td>
                  <td className="outcome" title={operation.outcome ?? undefined}>
                    {operation.outcome ??
                      (operation.waitingFor
                        ? `Waiting for ${operation.waitingFor}.`
                        : "Under way.")}
                  </td>
                  <td className="num mono">{duration(elapsedMs(operation, now))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : list.isPending ? (
        <SkeletonRows />
      ) : (
        <Empty icon="swap" title="No operation yet">
          Promotions and rollouts appear here with their measured times.
        </Empty>
      )}
    </section>
  );
}

function What({ operation }: { operation: OperationView }) {
  const href = operation.rollout
    ? rolloutHref(operation.id)
    : operation.failover
      ? promoteHref(operation.failover.to, operation.id)
      : null;
  return href === null ? (
    <span className="what">{operation.title}</span>
  ) : (
    <Link className="what row-link" href={href}>
      {operation.title}
    </Link>
  );
}
