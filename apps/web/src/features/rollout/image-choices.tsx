"use client";

import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { SkeletonRows } from "../../ui/feedback.tsx";
import { bytes, shortDigest, span } from "../../ui/format.ts";
import { useConsoleNow } from "../fleet/live/live.tsx";

const SHOWN_MAX = 8;

/** Tags that the hosts hold already, newest first. */
export function ImageChoices({
  fleet,
  value,
  onChoose,
}: {
  fleet: string;
  value: string;
  onChoose: (image: string) => void;
}) {
  const api = useApi();
  const now = useConsoleNow();
  const images = useQuery(api.images.list.queryOptions({ fleet }));
  if (images.isPending) return <SkeletonRows rows={3} />;
  if (images.isError)
    return (
      <p className="note">
        The tags on the hosts can't be listed: {faultOf(images.error).sentence}
      </p>
    );
  const newest = [...images.data.items]
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .slice(0, SHOWN_MAX);
  if (newest.length === 0)
    return <p className="note">No host holds a tag of the allowed repository yet.</p>;
  return (
    <ul className="choices">
      {newest.map((choice) => (
        <li key={choice.image}>
          <button
            type="button"
            className="choice"
            aria-pressed={choice.image === value}
            onClick={() => onChoose(choice.image)}
          >
            <span className="radio own" />
            <span className="choice-t">
              <b className="mono">{choice.tag}</b>
              <small className="mono trunc">{choice.image}</small>
            </span>
            <span className="choice-r">
              {choice.gateways.length > 0 ? (
                <span className="tag ink">runs on {choice.gateways.join(", ")}</span>
              ) : (
                <span>
                  {choice.hosts.length === 1 ? choice.hosts[0] : `${choice.hosts.length} hosts`}
                </span>
              )}
              <small>
                {bytes(choice.sizeBytes)}, {span(now - Date.parse(choice.createdAt))} old,{" "}
                <span className="mono">{shortDigest(choice.imageId)}</span>
              </small>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
