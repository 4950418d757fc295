"use client";

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { usePathname, useSearchParams } from "next/navigation";
import { useMemo } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { replaceAddress } from "../../ui/address.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { plural, span } from "../../ui/format.ts";
import { useNow } from "../../ui/use-now.ts";
import { useFleet } from "../fleet/live/live.tsx";
import { useRefreshOnOperations } from "../fleet/live/refresh.ts";
import { ChainFooter } from "./chain-footer.tsx";
import { Filters } from "./filters.tsx";
import { OperationsTable } from "./operations-table.tsx";
import { RecordSheet } from "./record-sheet.tsx";
import { RecordsTable } from "./records-table.tsx";
import { exportHref, filterOf, isFiltered, shownIn } from "./shown.ts";

const PAGE = 100;
const NOTHING_CHOSEN = { q: null, who: null, what: null, outcome: null, when: null, where: null };

/** Who did what, with what outcome? What is shown is in the address. */
export function ActivityPage() {
  const { fleet } = useFleet();
  const api = useApi();
  const path = usePathname();
  const query = useSearchParams();
  const address = query.toString();
  const shown = useMemo(() => shownIn(new URLSearchParams(address)), [address]);
  // "24 hours" counts back from when it was chosen: a list that moves by itself cannot be read.
  const filter = useMemo(() => filterOf(shown, fleet, Date.now()), [shown, fleet]);
  const open = Number(query.get("entry")) || null;
  const set = (changes: Record<string, string | null>) => {
    const next = new URLSearchParams(query);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === "") next.delete(key);
      else next.set(key, value);
    }
    replaceAddress(next.size > 0 ? `${path}?${next}` : path);
  };
  const list = useInfiniteQuery(
    api.audit.list.infiniteQueryOptions(
      { ...filter, limit: PAGE },
      {
        getNextPageParam: (page) => page.nextCursor ?? undefined,
        initialCursor: undefined,
        placeholderData: keepPreviousData,
      },
    ),
  );
  useRefreshOnOperations(list.refetch);
  const wall = useNow();
  const records = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <div className="head">
        <div>
          <h1>Activity</h1>
          <p className="sub">
            Everything anyone, or Chela by itself, did. Entries can't be edited or deleted.
          </p>
        </div>
        <div className="acts">
          <a className="btn" href={exportHref("jsonl", filter)} download>
            Export JSON lines
          </a>
          <a className="btn" href={exportHref("csv", filter)} download>
            Export CSV
          </a>
        </div>
      </div>
      <OperationsTable />
      <Filters fleet={fleet} shown={shown} set={set}>
        <span className="note">
          {list.dataUpdatedAt > 0 &&
            `${plural(records.length, "entry", "entries")}${list.hasNextPage ? " and more" : ""}, read ${span(wall - list.dataUpdatedAt)} ago`}
        </span>
      </Filters>
      <section className="card" aria-label="Audit log">
        {records.length > 0 ? (
          <RecordsTable
            records={records}
            selected={open}
            onOpen={(id) => set({ entry: String(id) })}
          />
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
        ) : isFiltered(shown) ? (
          <Empty
            icon="search"
            title="No such entry"
            actions={<Button onClick={() => set(NOTHING_CHOSEN)}>Clear the filters</Button>}
          >
            Nothing in the record fits what was chosen.
          </Empty>
        ) : (
          <Empty icon="activity" title="Nothing recorded yet">
            Every promotion, rollout and change of a host is kept here, with who asked for it.
          </Empty>
        )}
        {list.hasNextPage && records.length > 0 && (
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
        <ChainFooter />
      </section>
      {open !== null && (
        <RecordSheet id={open} known={records} onClose={() => set({ entry: null })} />
      )}
    </>
  );
}
