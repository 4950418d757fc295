const TOKEN = "chela.chat.token";

export interface Wish {
  readonly session: string;
  readonly token: string;
}

/**
 * Which session the address names, `#session=…` or `?session=…`, and the token: `#token=…`, else what this tab was
 * given before. A token never stands in a query: queries end in logs. From the fragment it is taken out at once.
 */
export function readAddress(): Wish {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const query = new URLSearchParams(location.search);
  const session = fragment.get("session") ?? query.get("session") ?? "";
  const token = fragment.get("token");
  if (token !== null) remember({ session, token });
  return { session, token: token ?? sessionStorage.getItem(TOKEN) ?? "" };
}

/** Kept in this tab only. */
export function remember({ session, token }: Wish): void {
  sessionStorage.setItem(TOKEN, token);
  const fragment = session === "" ? "" : `#${new URLSearchParams({ session })}`;
  history.replaceState(null, "", `${location.pathname}${fragment}`);
}

export function forget(): void {
  sessionStorage.removeItem(TOKEN);
}

export function socketUrl(): string {
  return `${location.origin.replace(/^http/, "ws")}/ws`;
}
