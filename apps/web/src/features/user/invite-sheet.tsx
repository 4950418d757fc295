"use client";

import type { Roles } from "@chela/shared/access/roles";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Callout } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { dayOf } from "../../ui/format.ts";
import { Sheet } from "../../ui/sheet.tsx";
import { useNow } from "../../ui/use-now.ts";
import { RolesInput } from "./roles-input.tsx";

const FORM = "invite-form";

/** An address and roles; what comes out is a link to hand over. */
export function InviteSheet({
  onClose,
  onChanged,
}: {
  onClose: () => void;
  onChanged: () => void;
}) {
  const api = useApi();
  const now = useNow();
  const first = useRef<HTMLInputElement>(null);
  const [email, setEmail] = useState("");
  const [roles, setRoles] = useState<Roles>({ "*": "viewer" });
  const invite = useMutation(api.invitations.create.mutationOptions({ onSuccess: onChanged }));
  const made = invite.data;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (email !== "" && !invite.isPending) invite.mutate({ email, roles });
  };
  return (
    <Sheet
      name="Invite somebody"
      title={made ? "Hand this link over" : "Invite somebody"}
      lead={
        made
          ? `For ${made.email}. It is shown once.`
          : "They choose their own name and password. Nothing is mailed: you hand the link over."
      }
      open
      onClose={onClose}
      first={first}
      footer={
        made ? (
          <>
            <span className="note">Good once, until {dayOf(made.expiresAt, now)}.</span>
            <Button variant="primary" onClick={onClose}>
              Done
            </Button>
          </>
        ) : (
          <>
            <span className="note">The link is good once, for a week.</span>
            <Button variant="ghost" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              form={FORM}
              variant="primary"
              busy={invite.isPending}
              locked={email === ""}
            >
              Create the link
            </Button>
          </>
        )
      }
    >
      {made ? (
        <div className="cmd">
          <code>{made.link}</code>
          <CopyButton text={made.link} label="Copy the link" />
        </div>
      ) : (
        <form id={FORM} className="stack" onSubmit={submit} noValidate>
          <Field
            ref={first}
            label="Email"
            type="email"
            value={email}
            placeholder="mira@example.com"
            autoComplete="off"
            onChange={(event) => setEmail(event.target.value)}
          />
          <RolesInput value={roles} onChange={setRoles} />
          {invite.isError && (
            <Callout tone="fail" icon="st-fail" role="alert">
              <p>{faultOf(invite.error).sentence}</p>
            </Callout>
          )}
        </form>
      )}
    </Sheet>
  );
}
