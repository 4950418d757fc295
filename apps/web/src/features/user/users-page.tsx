"use client";

import type { UserView } from "@chela/shared/access/view";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { count, plural } from "../../ui/format.ts";
import { useRoleLock } from "../viewer/viewer.ts";
import { Invitations } from "./invitations.tsx";
import { InviteSheet } from "./invite-sheet.tsx";
import { RemoveSheet } from "./remove-sheet.tsx";
import { RolesSheet } from "./roles-sheet.tsx";
import { UserTable } from "./user-table.tsx";

type Open = { sheet: "invite" } | { sheet: "roles" | "remove"; user: UserView } | null;

/** Who can sign in, and what may they? */
export function UsersPage() {
  const api = useApi();
  const lock = useRoleLock("admin", "console");
  const users = useQuery(api.users.list.queryOptions(undefined, { enabled: lock === null }));
  const invitations = useQuery(
    api.invitations.list.queryOptions(undefined, { enabled: lock === null }),
  );
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const changed = () => {
    void users.refetch();
    void invitations.refetch();
  };
  const items = users.data?.items ?? [];
  const guarded = items.filter((user) => user.twoFactor).length;
  if (lock !== null) {
    return (
      <div className="card">
        <Empty icon="lock" title="Users are for administrators">
          {lock} Ask an administrator of every fleet.
        </Empty>
      </div>
    );
  }
  return (
    <>
      <div className="head">
        <div>
          <h1>Users</h1>
          <p className="sub">
            {users.data
              ? `${plural(items.length, "person", "people")} can sign in, ${count(guarded)} with a second factor.`
              : "Who can sign in, and what they may."}
          </p>
        </div>
        <div className="acts">
          <Button variant="primary" icon="plus" onClick={() => setOpen({ sheet: "invite" })}>
            Invite
          </Button>
        </div>
      </div>
      {users.isPending ? (
        <div className="card">
          <SkeletonRows />
        </div>
      ) : users.isError ? (
        <div className="card">
          <Empty
            icon="st-fail"
            bad
            title="The users can't be read"
            actions={
              <Button variant="primary" onClick={() => void users.refetch()}>
                Try again
              </Button>
            }
          >
            {faultOf(users.error).sentence}
          </Empty>
        </div>
      ) : (
        <UserTable
          users={items}
          onRoles={(user) => setOpen({ sheet: "roles", user })}
          onRemove={(user) => setOpen({ sheet: "remove", user })}
          onChanged={changed}
        />
      )}
      <Invitations items={invitations.data?.items ?? []} onChanged={changed} />
      {open?.sheet === "invite" && <InviteSheet onClose={close} onChanged={changed} />}
      {open?.sheet === "roles" && (
        <RolesSheet user={open.user} onClose={close} onChanged={changed} />
      )}
      {open?.sheet === "remove" && (
        <RemoveSheet user={open.user} onClose={close} onChanged={changed} />
      )}
    </>
  );
}
