/** To the door and, after it, back here. A full load: nothing of the old session stays in memory. */
export function toLogin(): void {
  const { pathname, search } = window.location;
  if (pathname === "/login") return;
  window.location.assign(`/login?next=${encodeURIComponent(pathname + search)}`);
}
