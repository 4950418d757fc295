"use client";

import type { Viewer, ViewerRole } from "@chela/shared/fleet/view";
import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../trpc/client.ts";

const RANK: Record<ViewerRole, number> = { viewer: 0, operator: 1, admin: 2 };

/** Who is logged in; undefined while not known. */
export function useViewer(): Viewer | undefined {
  const api = useApi();
  const me = useQuery(
    api.viewer.me.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY }),
  );
  return me.data;
}

/** Why the viewer may not, or null. The API asks the same question and has the last word. */
export function useRoleLock(needed: ViewerRole): string | null {
  const viewer = useViewer();
  if (viewer === undefined || RANK[viewer.role] >= RANK[needed]) return null;
  return `Needs the role ${needed}; yours is ${viewer.role}.`;
}
