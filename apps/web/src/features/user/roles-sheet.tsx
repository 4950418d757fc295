"use client";

import type { UserView } from "@chela/shared/access/view";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { Callout } from "../../ui/feedback.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { RolesInput } from "./roles-input.tsx";

/** Somebody's roles, replaced as a whole. */
export function RolesSheet({
  user,
  onClose,
  onChanged,
}: {
  user: UserView;
  onClose: () => void;
  onChanged: () => void;
}) {
  const api = useApi();
  const [roles, setRoles] = useState(user.roles);
  const save = useMutation(
    api.users.setRoles.mutationOptions({
      onSuccess: () => {
        showToast("pass", `${user.email} has new roles`, "They count from the next request on.");
        onChanged();
        onClose();
      },
    }),
  );
  return (
    <Sheet
      name={`Roles of ${user.email}`}
      title="Change roles"
      lead={user.email}
      open
      onClose={onClose}
      footer={
        <>
          <span className="note">Counts from the next request on, also for their tokens.</span>
          <Button variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button
            variant="primary"
            busy={save.isPending}
            onClick={() => save.mutate({ userId: user.id, roles })}
          >
            Save roles
          </Button>
        </>
      }
    >
      <RolesInput value={roles} onChange={setRoles} />
      {save.isError && (
        <Callout tone="fail" icon="st-fail" role="alert">
          <p>{faultOf(save.error).sentence}</p>
        </Callout>
      )}
    </Sheet>
  );
}
