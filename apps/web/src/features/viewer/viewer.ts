"use client";

import { EVERY_FLEET, reaches, roleIn, type ViewerRole } from "@chela/shared/access/roles";
import type { Viewer } from "@chela/shared/fleet/view";
import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../trpc/client.ts";
import { useLive } from "../fleet/live/live.tsx";

/** Who is logged in; undefined while not known. */
export function useViewer(): Viewer | undefined {
  const api = useApi();
  const me = useQuery(
    api.viewer.me.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY }),
  );
  return me.data;
}

/**
 * Why the viewer may not, or null. The API asks the same question and has the last word.
 * @param where the fleet on the screen, or the console as a whole.
 */
export function useRoleLock(
  needed: ViewerRole,
  where: "fleet" | "console" = "fleet",
): string | null {
  const viewer = useViewer();
  const fleet = useLive((state) => state.fleet?.fleet);
  if (viewer === undefined) return null;
  const role = roleIn(viewer.roles, where === "console" ? EVERY_FLEET : (fleet ?? EVERY_FLEET));
  return reaches(role, needed) ? null : `Needs the role ${needed}; yours is ${role ?? "none"}.`;
}
