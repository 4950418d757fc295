"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { postAuth } from "./auth-request.ts";

const CHARS_MIN = 8;

/** A new password signs every other browser out. */
export function PasswordCard() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const short = next !== "" && next.length < CHARS_MIN;
  const locked = current === "" || next.length < CHARS_MIN;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (locked || busy) return;
    setBusy(true);
    const answer = await postAuth("change-password", {
      currentPassword: current,
      newPassword: next,
      revokeOtherSessions: true,
    });
    setBusy(false);
    setFault(answer.ok ? null : answer.sentence);
    if (!answer.ok) return;
    setCurrent("");
    setNext("");
    showToast("pass", "Password changed", "Every other browser has to sign in again.");
  };
  return (
    <section className="card" aria-label="Password">
      <div className="card-h">
        <h2>Password</h2>
      </div>
      <form className="card-b stack" onSubmit={(event) => void submit(event)}>
        <Field
          label="Current password"
          type="password"
          autoComplete="current-password"
          value={current}
          fault={fault}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <Field
          label="New password"
          type="password"
          autoComplete="new-password"
          value={next}
          fault={short ? `At least ${CHARS_MIN} characters.` : null}
          hint={`At least ${CHARS_MIN} characters.`}
          onChange={(event) => setNext(event.target.value)}
        />
        <div className="row between">
          <span className="note">Signs every other browser out.</span>
          <Button type="submit" busy={busy} locked={locked}>
            Change password
          </Button>
        </div>
      </form>
    </section>
  );
}
