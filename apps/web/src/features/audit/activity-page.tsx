"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { atSecond, count, dayOf, span } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { StatusText } from "../../ui/status.tsx";
import { useNow } from "../../ui/use-now.ts";
import { useConsoleNow, useFleet } from "../fleet/live/live.tsx";
import { useRefreshOnOperations } from "../fleet/live/refresh.ts";
import { actionInWords, byDay, initials } from "./entries.ts";
import { OperationsTable } from "./operations-table.tsx";

/** Who did what, with what outcome? */
export function ActivityPage() {
  const { fleet } = useFleet();
  const api = useApi();
  const list = useInfiniteQuery(
    api.audit.list.infiniteQueryOptions(
      { fleet, limit: 100 },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, initialCursor: undefined },
    ),
  );
  useRefreshOnOperations(list.refetch);
  const wall = useNow();
  const now = useConsoleNow();
  const records = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <div className="head">
        <div>
          <h1>Activity</h1>
          <p className="sub">What anyone, or Chela by itself, did to {fleet}.</p>
        </div>
      </div>
      <OperationsTable />
      <section className="card" aria-label="Audit log">
        <div className="card-h">
          <h2>Audit log</h2>
          <div className="r">
            {list.dataUpdatedAt > 0 &&
              `${count(records.length)} entries, read ${span(wall - list.dataUpdatedAt)} ago`}
          </div>
        </div>
        {records.length > 0 ? (
          <div className="tw">
            <table className="table act">
              <thead>
                <tr>
                  <th>When</th>
                  <th>Who</th>
                  <th>What</th>
                  <th>Outcome</th>
                  <th>From where</th>
                  <th className="num">Entry</th>
                </tr>
              </thead>
              <tbody>
                {byDay(records, (iso) => dayOf(iso, now)).map(({ day, records: own }) => (
                  <Fragment key={day}>
                    <tr className="day">
                      <td colSpan={6}>{day}</td>
                    </tr>
                    {own.map((record) => {
                      const { word, icon } = actionInWords(record.action);
                      return (
                        <tr key={record.id}>
                          <td className="mono">{atSecond(record.at)}</td>
                          <td>
                            <span className="who">
                              <span className="ava sm" aria-hidden="true">
                                {initials(record.actor)}
                              </span>
                              {record.actor}
                            </span>
                          </td>
                          <td>
                            <span className="cellic">
                              <Icon name={icon} />
                              <span className="what">
                                {word}
                                {record.subject && ` ${record.subject}`}
                                {record.detail && <small>{record.detail}</small>}
                              </span>
                            </span>
                          </td>
                          <td>
                            <StatusText
                              status={
                                record.outcome === "done"
                                  ? { tone: "pass", icon: "st-pass", word: "Done" }
                                  : { tone: "fail", icon: "st-fail", word: "Refused" }
                              }
                            />
                          </td>
                          <td>{record.from ?? "by itself"}</td>
                          <td className="num mono">{count(record.id)}</td>
                        </tr>
                      );
                    })}
                  </Fragment>
                ))}
              </tbody>
            </table>
            {list.hasNextPage && (
              <div className="vt-f">
                <span />
                <Button
                  size="sm"
                  busy={list.isFetchingNextPage}
                  onClick={() => void list.fetchNextPage()}
                >
                  Show older
                </Button>
              </div>
            )}
          </div>
        ) : list.isPending ? (
          <SkeletonRows />
        ) : list.isError ? (
          <Empty
            icon="st-fail"
            bad
            title="The audit log can't be read"
            actions={
              <Button variant="primary" onClick={() => void list.refetch()}>
                Try again
              </Button>
            }
          >
            {faultOf(list.error).sentence}
          </Empty>
        ) : (
          <Empty icon="activity" title="Nothing recorded yet">
            Every promotion, rollout and change of a host is kept here, with who asked for it.
          </Empty>
        )}
      </section>
    </>
  );
}
