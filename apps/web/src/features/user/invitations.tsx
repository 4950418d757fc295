"use client";

import type { InvitationView } from "@chela/shared/access/view";
import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { when } from "../../ui/format.ts";
import { showToast } from "../../ui/toasts.tsx";
import { useNow } from "../../ui/use-now.ts";
import { rolesInWords } from "./wording.ts";

/** Links that were handed out and not used yet. Not shown where there are none. */
export function Invitations({
  items,
  onChanged,
}: {
  items: readonly InvitationView[];
  onChanged: () => void;
}) {
  const api = useApi();
  const now = useNow();
  const revoke = useMutation(
    api.invitations.revoke.mutationOptions({
      onError: (error) =>
        showToast("fail", "The invitation was not withdrawn", faultOf(error).sentence),
      onSettled: onChanged,
    }),
  );
  if (items.length === 0) return null;
  return (
    <section className="card" aria-label="Invitations">
      <div className="card-h">
        <h2>Invited, not here yet</h2>
      </div>
      <div className="tw">
        <table className="table">
          <thead>
            <tr>
              <th>Email</th>
              <th>Roles</th>
              <th>By</th>
              <th>Ends</th>
              <th>
                <span className="sr">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((invitation) => (
              <tr key={invitation.id}>
                <td>{invitation.email}</td>
                <td>{rolesInWords(invitation.roles).join(", ") || "No role"}</td>
                <td>{invitation.invitedBy}</td>
                <td>{when(invitation.expiresAt, now)}</td>
                <td className="num">
                  <Button
                    size="sm"
                    variant="ghost"
                    busy={revoke.isPending && revoke.variables?.invitationId === invitation.id}
                    onClick={() => revoke.mutate({ invitationId: invitation.id })}
                  >
                    Withdraw
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
