"use client";

import { EVERY_FLEET, mayIn, ROLES, roleIn, type ViewerRole } from "@chela/shared/access/roles";
import type { Viewer } from "@chela/shared/fleet/view";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Callout } from "../../ui/feedback.tsx";
import { Choice, Field } from "../../ui/field.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { fleetInWords, ROLE_WORDS } from "../user/wording.ts";

const FORM = "token-form";
const LIVES = [
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "a year"],
  ["never", "until it is revoked"],
] as const;

/** Name, where, what, how long; what comes out is shown once. */
export function NewTokenSheet({
  viewer,
  onClose,
  onChanged,
}: {
  viewer: Viewer;
  onClose: () => void;
  onChanged: () => void;
}) {
  const api = useApi();
  const first = useRef<HTMLInputElement>(null);
  const fleets = useQuery(api.fleets.list.queryOptions());
  const places = [
    ...new Set([
      EVERY_FLEET,
      ...Object.keys(viewer.roles),
      ...(fleets.data?.items.map(({ fleet }) => fleet) ?? []),
    ]),
  ].filter((fleet) => roleIn(viewer.roles, fleet) !== null);
  const [name, setName] = useState("");
  const [place, setPlace] = useState<string | null>(null);
  const [role, setRole] = useState<ViewerRole>("viewer");
  const [lives, setLives] = useState<(typeof LIVES)[number][0]>("90");
  const fleet = place ?? places[0] ?? EVERY_FLEET;
  const roles = ROLES.filter((each) => mayIn(viewer.roles, fleet, each));
  const given = roles.includes(role) ? role : "viewer";
  const create = useMutation(api.tokens.create.mutationOptions({ onSuccess: onChanged }));
  const made = create.data;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "" || create.isPending) return;
    create.mutate({ name, role: given, fleet, days: lives === "never" ? null : Number(lives) });
  };
  return (
    <Sheet
      name="New API token"
      title={made ? "Copy it now" : "New API token"}
      lead={
        made
          ? `${made.name} is shown once: only its hash is kept.`
          : "A token of its own for each program, so that each can be revoked."
      }
      open
      onClose={onClose}
      first={first}
      footer={
        made ? (
          <>
            <span className="note">Lost? Revoke it and make another.</span>
            <Button variant="primary" onClick={onClose}>
              Done
            </Button>
          </>
        ) : (
          <>
            <span className="note">Sinks with your own roles, and ends with your account.</span>
            <Button variant="ghost" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              form={FORM}
              variant="primary"
              busy={create.isPending}
              locked={name.trim() === ""}
            >
              Create token
            </Button>
          </>
        )
      }
    >
      {made ? (
        <div className="stack">
          <div className="cmd">
            <code>{made.token}</code>
            <CopyButton text={made.token} label="Copy the token" />
          </div>
          <p className="note">For example:</p>
          <div className="cmd">
            <span className="dim">$</span>
            <code>
              curl -H "Authorization: Bearer {made.token.slice(0, 12)}…" {window.location.origin}
              /api/v1/fleets/list
            </code>
          </div>
        </div>
      ) : (
        <form id={FORM} className="stack" onSubmit={submit} noValidate>
          <Field
            ref={first}
            label="Name"
            value={name}
            maxLength={64}
            placeholder="deploy script"
            autoComplete="off"
            onChange={(event) => setName(event.target.value)}
          />
          <Choice
            label="Where"
            value={fleet}
            options={places.map(
              (each) => [each, each === EVERY_FLEET ? "Every fleet" : fleetInWords(each)] as const,
            )}
            onChange={setPlace}
          />
          <Choice
            label="Role"
            value={given}
            options={roles.map(
              (each) => [each, `${ROLE_WORDS[each][0]}: ${ROLE_WORDS[each][1]}`] as const,
            )}
            onChange={setRole}
          />
          <Choice label="Good for" value={lives} options={LIVES} onChange={setLives} />
          {create.isError && (
            <Callout tone="fail" icon="st-fail" role="alert">
              <p>{faultOf(create.error).sentence}</p>
            </Callout>
          )}
        </form>
      )}
    </Sheet>
  );
}
