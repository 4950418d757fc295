"use client";

import type { UserView } from "@chela/shared/access/view";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { Callout } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { showToast } from "../../ui/toasts.tsx";

/** Cannot be undone, so it asks for the address. */
export function RemoveSheet({
  user,
  onClose,
  onChanged,
}: {
  user: UserView;
  onClose: () => void;
  onChanged: () => void;
}) {
  const api = useApi();
  const first = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const remove = useMutation(
    api.users.remove.mutationOptions({
      onSuccess: () => {
        showToast("pass", `${user.email} is removed`);
        onChanged();
        onClose();
      },
    }),
  );
  return (
    <Sheet
      name={`Remove ${user.email}`}
      title="Remove a user"
      lead={`${user.name}, ${user.email}`}
      open
      onClose={onClose}
      first={first}
      footer={
        <>
          <span className="note">To let them in again, invite them.</span>
          <Button variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button
            variant="danger solid"
            busy={remove.isPending}
            locked={typed !== user.email}
            onClick={() => remove.mutate({ userId: user.id })}
          >
            Remove {user.email}
          </Button>
        </>
      }
    >
      <Callout tone="warn" icon="st-warn">
        <p>
          They are signed out everywhere, and every API token they made stops working, both at once.
          The audit log keeps what they did.
        </p>
      </Callout>
      <Field
        ref={first}
        label={`Type ${user.email}`}
        value={typed}
        mono
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
      />
      {remove.isError && (
        <Callout tone="fail" icon="st-fail" role="alert">
          <p>{faultOf(remove.error).sentence}</p>
        </Callout>
      )}
    </Sheet>
  );
}
