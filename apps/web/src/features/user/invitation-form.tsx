"use client";

import type { InvitationView } from "@chela/shared/access/view";
import { type FormEvent, useEffect, useState } from "react";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Empty, Later } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { postAuth, postInvitation } from "./auth-request.ts";
import { rolesInWords } from "./wording.ts";

const CHARS_MIN = 8;

/** Whoever holds the link chooses a name and a password, and is in. */
export function InvitationForm() {
  const [invitation, setInvitation] = useState<InvitationView | null>(null);
  const [over, setOver] = useState<string | null>(null);
  useEffect(() => {
    // The address' fragment: it never leaves the browser by itself.
    void postInvitation<InvitationView>("look", { token: tokenHere() }).then((answer) =>
      answer.ok ? setInvitation(answer.data) : setOver(answer.sentence),
    );
  }, []);
  if (over !== null) {
    return (
      <Empty
        icon="st-fail"
        bad
        title="This invitation lets nobody in"
        actions={<ButtonLink href="/login">To the login</ButtonLink>}
      >
        {over}
      </Empty>
    );
  }
  if (invitation === null) {
    return (
      <Later>
        <p className="mid">Looking at your invitation</p>
      </Later>
    );
  }
  return <Accept invitation={invitation} />;
}

const tokenHere = () => window.location.hash.slice(1);

function Accept({ invitation }: { invitation: InvitationView }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const short = password !== "" && password.length < CHARS_MIN;
  const locked = name.trim() === "" || password.length < CHARS_MIN;
  const roles = rolesInWords(invitation.roles).join(", ");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (locked || busy) return;
    setBusy(true);
    const { email } = invitation;
    const accepted = await postInvitation("accept", { token: tokenHere(), name, password });
    if (!accepted.ok) {
      setFault(accepted.sentence);
      setBusy(false);
      return;
    }
    const { ok } = await postAuth("sign-in/email", { email, password });
    // A full load, without the link's token in the history.
    window.location.replace(ok ? "/" : "/login");
  };
  return (
    <form className="login-f" method="post" onSubmit={(event) => void submit(event)} noValidate>
      <div>
        <h1>You are invited</h1>
        <p className="mid">
          {invitation.invitedBy} lets you in as {invitation.email}
          {roles === "" ? "." : `: ${roles}.`}
        </p>
      </div>
      {/* For password managers: which account this is. */}
      <input type="hidden" autoComplete="username" value={invitation.email} readOnly />
      <Field
        label="Your name"
        autoComplete="name"
        value={name}
        maxLength={64}
        onChange={(event) => setName(event.target.value)}
      />
      <Field
        label="Password"
        type="password"
        autoComplete="new-password"
        value={password}
        hint={`At least ${CHARS_MIN} characters.`}
        fault={fault ?? (short ? `At least ${CHARS_MIN} characters.` : null)}
        onChange={(event) => {
          setPassword(event.target.value);
          setFault(null);
        }}
      />
      <Button type="submit" variant="primary" busy={busy} locked={locked}>
        Enter the console
      </Button>
    </form>
  );
}
