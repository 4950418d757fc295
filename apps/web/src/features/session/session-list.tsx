"use client";

import type { SessionSummary } from "@chela/shared/fleet/view";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { count, span } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { useNow } from "../../ui/use-now.ts";
import { useConsoleNow, useFleet } from "../fleet/live/live.tsx";
import { useRefreshOnTraffic } from "../fleet/live/refresh.ts";
import { channelOf, seriesOf } from "../fleet/wording.ts";
import { masked, splitSession } from "./transcript-rows.ts";

const CHANNELS = ["telegram", "whatsapp", "slack", "discord", "web", "api", "generic"] as const;

interface Props {
  search: string;
  channel: string | null;
  selected: string | null;
  set: (changes: Record<string, string | null>) => void;
}

export function SessionList({ search, channel, selected, set }: Props) {
  const fleet = useFleet();
  const api = useApi();
  const list = useInfiniteQuery(
    api.sessions.list.infiniteQueryOptions(
      {
        fleet: fleet.fleet,
        ...(search === "" ? {} : { query: search }),
        ...(channel === null ? {} : { channel }),
      },
      {
        getNextPageParam: (page) => page.nextCursor ?? undefined,
        initialCursor: undefined,
        placeholderData: keepPreviousData,
      },
    ),
  );
  useRefreshOnTraffic(list.refetch);
  const now = useNow();
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="stack">
      <div className="filters">
        <SearchField
          name="Search sessions"
          placeholder="Session or peer"
          value={search}
          onChange={(q) => set({ q })}
        />
        <label className="chip">
          Channel
          <select
            aria-label="Channel"
            value={channel ?? ""}
            onChange={(event) => set({ channel: event.target.value })}
          >
            <option value="">any</option>
            {CHANNELS.map((each) => (
              <option key={each} value={each}>
                {channelOf(each).word}
              </option>
            ))}
          </select>
        </label>
        <span className="note">
          {count(fleet.sessions.total)} sessions in Redis
          {list.dataUpdatedAt > 0 && `, listed ${span(now - list.dataUpdatedAt)} ago`}
        </span>
      </div>
      <section className="card vt" aria-label="Sessions">
        {items.length > 0 ? (
          <SessionTable items={items} selected={selected} onOpen={(session) => set({ session })} />
        ) : list.isPending ? (
          <SkeletonRows />
        ) : list.isError ? (
          <Empty
            icon="st-fail"
            bad
            title="Sessions can't be read"
            actions={
              <Button variant="primary" onClick={() => void list.refetch()}>
                Try again
              </Button>
            }
          >
            {faultOf(list.error).sentence}
          </Empty>
        ) : search !== "" || channel !== null ? (
          <Empty
            icon="search"
            title={`No session${search ? ` like “${search}”` : ""}${channel ? ` from ${channelOf(channel).word}` : ""}`}
            actions={
              <Button onClick={() => set({ q: null, channel: null })}>Clear the filter</Button>
            }
          >
            {fleet.sessions.total > 0
              ? `The fleet has ${count(fleet.sessions.total)} others.`
              : "The fleet has no session yet."}
          </Empty>
        ) : (
          <Empty icon="sessions" title="No session yet">
            The first accepted webhook creates one. bin/up --traffic sends some for a try.
          </Empty>
        )}
        {items.length > 0 && (
          <div className="vt-f">
            <span>
              {count(items.length)} shown{list.hasNextPage ? ", more below" : ""}
            </span>
            {list.hasNextPage && (
              <Button
                size="sm"
                busy={list.isFetchingNextPage}
                onClick={() => void list.fetchNextPage()}
              >
                Show more
              </Button>
            )}
          </div>
        )}
      </section>
    </div>
  );
}

function SessionTable({
  items,
  selected,
  onOpen,
}: {
  items: readonly SessionSummary[];
  selected: string | null;
  onOpen: (session: string) => void;
}) {
  const { gateways } = useFleet();
  const now = useConsoleNow();
  return (
    <div className="tw">
      <table className="table">
        <thead>
          <tr>
            <th>Session</th>
            <th>Channel</th>
            <th>Handled by</th>
            <th className="num">Shard</th>
            <th className="num">Epoch</th>
            <th className="num">Messages</th>
            <th className="num" aria-sort="descending">
              <span className="sort">Last activity</span>
            </th>
            <th className="num">Expires in</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => {
            const { word, icon } = channelOf(item.channel);
            return (
              <tr key={item.session} aria-selected={item.session === selected}>
                <td>
                  <button
                    type="button"
                    className="mono row-link"
                    aria-label={`Open session ${item.session}`}
                    onClick={() => onOpen(item.session)}
                  >
                    <b>{masked(splitSession(item.session).peer)}</b>
                  </button>
                </td>
                <td>
                  <span className="cellic">
                    <Icon name={icon} />
                    {word}
                  </span>
                </td>
                <td>
                  <span className={`gwdot mono g${seriesOf(item.gateway, gateways)}`}>
                    {item.gateway}
                  </span>
                </td>
                <td className="num">{item.shard}</td>
                <td className="num">{count(item.epoch)}</td>
                <td className="num">{count(item.messages)}</td>
                <td className="num">{span(now - Date.parse(item.lastAt))}</td>
                <td className="num">{span(Date.parse(item.expiresAt) - now)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
