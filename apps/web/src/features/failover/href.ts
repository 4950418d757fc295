/** Where the promote sheet of a gateway is found; `operation` pins the one that it shows. */
export function promoteHref(gateway: string, operation?: string | null): string {
  const query = new URLSearchParams({ promote: gateway });
  if (operation) query.set("operation", operation);
  return `/?${query}`;
}

/** Where automatic failover is paused. */
export const PAUSE_HREF = "/?failover=pause";
