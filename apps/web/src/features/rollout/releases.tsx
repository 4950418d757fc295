"use client";

import type { KnownRelease } from "@chela/shared/fleet/view";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { atMinute, dayOf, shortDigest } from "../../ui/format.ts";
import { useConsoleNow, useFleet } from "../fleet/live/live.tsx";
import { useRefreshOnOperations } from "../fleet/live/refresh.ts";
import { RollBackSheet } from "./roll-back-sheet.tsx";

const PAGE = 8;

/** Every release there was, newest first: any earlier one can be gone back to. */
export function Releases() {
  const { fleet } = useFleet();
  const api = useApi();
  const [back, setBack] = useState<KnownRelease | null>(null);
  const list = useInfiniteQuery(
    api.rollouts.releases.infiniteQueryOptions(
      { fleet, limit: PAGE },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, initialCursor: undefined },
    ),
  );
  useRefreshOnOperations(list.refetch);
  const releases = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="card" aria-label="Releases">
      <div className="card-h line">
        <h2>Releases</h2>
        <div className="r">image and configuration together, never altered</div>
      </div>
      {releases.length > 0 ? (
        <ReleaseTable releases={releases} onBack={setBack} />
      ) : list.isPending ? (
        <SkeletonRows />
      ) : list.isError ? (
        <Empty
          icon="st-fail"
          bad
          title="Releases can't be read"
          actions={<Button onClick={() => void list.refetch()}>Try again</Button>}
        >
          {faultOf(list.error).sentence}
        </Empty>
      ) : (
        <Empty icon="box" title="No release yet">
          The first one is made of the image that the first gateway runs.
        </Empty>
      )}
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
      {back && <RollBackSheet release={back} onClose={() => setBack(null)} />}
    </section>
  );
}

function ReleaseTable({
  releases,
  onBack,
}: {
  releases: readonly KnownRelease[];
  onBack: (release: KnownRelease) => void;
}) {
  const now = useConsoleNow();
  return (
    <div className="tw">
      <table className="table rel-table">
        <thead>
          <tr>
            <th>Release</th>
            <th>Image</th>
            <th>Id</th>
            <th>Configuration</th>
            <th>Runs on</th>
            <th>Made</th>
            <th>
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {releases.map((release) => (
            <tr key={release.number}>
              <td>
                <b>{release.number}</b> {release.current && <span className="tag ink">wanted</span>}
              </td>
              <td className="mono" title={release.image}>
                {release.image.split("/").at(-1)}
              </td>
              <td className="mono dim">{shortDigest(release.imageId)}</td>
              <td className="mono dim">{release.configHash.slice(0, 8)}</td>
              <td>{release.gateways.length > 0 ? release.gateways.join(", ") : "–"}</td>
              <td>
                {dayOf(release.createdAt, now).split(",")[0]} {atMinute(release.createdAt)}
              </td>
              <td className="num">
                {!release.current && (
                  <Button
                    size="sm"
                    icon="back"
                    aria-label={`Roll back to release ${release.number}`}
                    onClick={() => onBack(release)}
                  >
                    Roll back
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
