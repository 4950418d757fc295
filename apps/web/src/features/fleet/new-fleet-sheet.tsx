"use client";

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Sheet } from "../../ui/sheet.tsx";

const FORM = "fleet-form";

/** Makes an empty fleet; hosts join it next. */
export function NewFleetSheet({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (fleet: string) => Promise<void>;
}) {
  const api = useApi();
  const first = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const create = useMutation(
    api.fleets.create.mutationOptions({ onSuccess: ({ fleet }) => onMade(fleet) }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name !== "" && !create.isPending) create.mutate({ fleet: name });
  };
  return (
    <Sheet
      name="New fleet"
      title="New fleet"
      lead="Its own hosts, gateways, sessions and configuration, beside this one."
      open
      onClose={onClose}
      first={first}
      footer={
        <>
          <span className="note">
            It begins empty: add a host next. This machine is called local.
          </span>
          <Button variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            form={FORM}
            variant="primary"
            busy={create.isPending}
            locked={name === ""}
          >
            Create fleet
          </Button>
        </>
      }
    >
      <form id={FORM} className="stack" onSubmit={submit} noValidate>
        <Field
          ref={first}
          label="Name"
          value={name}
          maxLength={31}
          placeholder="staging"
          autoComplete="off"
          spellCheck={false}
          fault={create.isError ? faultOf(create.error).sentence : null}
          onChange={(event) => setName(event.target.value)}
        />
        <p className="note">
          Channels and assistant are set in fleets/{name === "" ? "<name>" : name}/gateway.json of
          the console's state directory, secrets in secrets.env beside it.
        </p>
      </form>
    </Sheet>
  );
}
