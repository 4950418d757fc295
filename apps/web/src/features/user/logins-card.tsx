"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { count, when } from "../../ui/format.ts";
import { showToast } from "../../ui/toasts.tsx";
import { useNow } from "../../ui/use-now.ts";
import { browserInWords } from "./wording.ts";

/** Browsers that are signed in as me. */
export function LoginsCard() {
  const api = useApi();
  const now = useNow();
  const logins = useQuery(api.account.logins.queryOptions());
  const refused = (error: unknown) => showToast("fail", "Still signed in", faultOf(error).sentence);
  const end = useMutation(
    api.account.endLogin.mutationOptions({
      onError: refused,
      onSettled: () => void logins.refetch(),
    }),
  );
  const endOthers = useMutation(
    api.account.endOtherLogins.mutationOptions({
      onError: refused,
      onSuccess: ({ ended }) => showToast("pass", `${count(ended)} signed out`),
      onSettled: () => void logins.refetch(),
    }),
  );
  const items = logins.data?.items ?? [];
  return (
    <section className="card" aria-label="Signed in">
      <div className="card-h line">
        <h2>Signed in</h2>
        {items.length > 1 && (
          <div className="r">
            <Button size="sm" busy={endOthers.isPending} onClick={() => endOthers.mutate()}>
              Sign all others out
            </Button>
          </div>
        )}
      </div>
      {logins.isPending ? (
        <SkeletonRows rows={2} />
      ) : logins.isError ? (
        <Empty icon="st-fail" bad title="Your logins can't be read">
          {faultOf(logins.error).sentence}
        </Empty>
      ) : (
        <ul className="logins">
          {items.map((login) => (
            <li key={login.id}>
              <span className="personn">
                <b>
                  {browserInWords(login.userAgent)}
                  {login.current && <span className="dim"> (this one)</span>}
                </b>
                <small>
                  {login.address ?? "address unknown"}, since {when(login.signedInAt, now)}, last
                  seen {when(login.lastSeenAt, now)}
                </small>
              </span>
              {!login.current && (
                <Button
                  size="sm"
                  variant="ghost"
                  busy={end.isPending && end.variables?.loginId === login.id}
                  onClick={() => end.mutate({ loginId: login.id })}
                >
                  Sign out
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
