"use client";

import type { TokenView } from "@chela/shared/access/view";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { when } from "../../ui/format.ts";
import { showToast } from "../../ui/toasts.tsx";
import { useNow } from "../../ui/use-now.ts";
import { fleetInWords, ROLE_WORDS } from "../user/wording.ts";
import { useViewer } from "../viewer/viewer.ts";
import { NewTokenSheet } from "./new-token-sheet.tsx";

/** Which programs may call, and what may they? */
export function TokensPage() {
  const api = useApi();
  const viewer = useViewer();
  const tokens = useQuery(api.tokens.list.queryOptions());
  const [making, setMaking] = useState(false);
  const items = tokens.data?.items ?? [];
  const none = viewer?.role === null;
  return (
    <>
      <div className="head">
        <div>
          <h1>API tokens</h1>
          <p className="sub">
            For programs. A token may never more than whoever made it.{" "}
            <Link className="linkish" href="/api/docs">
              What the API can do
            </Link>
          </p>
        </div>
        <div className="acts">
          <Button variant="primary" icon="plus" locked={none} onClick={() => setMaking(true)}>
            New token
          </Button>
        </div>
      </div>
      <section className="card" aria-label="API tokens">
        {tokens.isPending ? (
          <SkeletonRows rows={3} />
        ) : tokens.isError ? (
          <Empty
            icon="st-fail"
            bad
            title="The tokens can't be read"
            actions={
              <Button variant="primary" onClick={() => void tokens.refetch()}>
                Try again
              </Button>
            }
          >
            {faultOf(tokens.error).sentence}
          </Empty>
        ) : items.length === 0 ? (
          <Empty icon="terminal" title="No token yet">
            {none
              ? "You have no role yet, so a token of yours could do nothing."
              : "The command line and other programs call with a token of their own."}
          </Empty>
        ) : (
          <div className="tw">
            <table className="table tall">
              <thead>
                <tr>
                  <th>Name</th>
                  <th>May</th>
                  <th>Made by</th>
                  <th>Made</th>
                  <th>Ends</th>
                  <th>Last used</th>
                  <th>
                    <span className="sr">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((token) => (
                  <TokenRow key={token.id} token={token} onChanged={() => void tokens.refetch()} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {making && viewer && (
        <NewTokenSheet
          viewer={viewer}
          onClose={() => setMaking(false)}
          onChanged={() => void tokens.refetch()}
        />
      )}
    </>
  );
}

function TokenRow({ token, onChanged }: { token: TokenView; onChanged: () => void }) {
  const api = useApi();
  const now = useNow();
  const [asked, setAsked] = useState(false);
  const revoke = useMutation(
    api.tokens.revoke.mutationOptions({
      onError: (error) => showToast("fail", `${token.name} still works`, faultOf(error).sentence),
      onSuccess: () => showToast("pass", `${token.name} is revoked`, "It opens nothing any more."),
      onSettled: onChanged,
    }),
  );
  const over = token.expiresAt !== null && Date.parse(token.expiresAt) <= now;
  return (
    <tr>
      <td>
        <b className="mono">{token.name}</b>
      </td>
      <td>
        <span className="tag">
          {ROLE_WORDS[token.role][0]} of {fleetInWords(token.fleet)}
        </span>
      </td>
      <td>{token.owner ?? "access.json"}</td>
      <td>{when(token.createdAt, now)}</td>
      <td>
        {token.expiresAt === null ? (
          "never"
        ) : over ? (
          <span className="dim">ended {when(token.expiresAt, now)}</span>
        ) : (
          when(token.expiresAt, now)
        )}
      </td>
      <td>{token.lastUsedAt === null ? "never" : when(token.lastUsedAt, now)}</td>
      <td className="num">
        {asked ? (
          <span className="revoke">
            <Button size="sm" variant="ghost" onClick={() => setAsked(false)}>
              Keep
            </Button>
            <Button
              size="sm"
              variant="danger"
              busy={revoke.isPending}
              autoFocus
              onClick={() => revoke.mutate({ tokenId: token.id })}
            >
              Revoke {token.name}
            </Button>
          </span>
        ) : (
          <Button size="sm" variant="ghost" onClick={() => setAsked(true)}>
            Revoke
          </Button>
        )}
      </td>
    </tr>
  );
}
