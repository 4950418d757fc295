"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { useAlive } from "../../ui/use-now.ts";
import { safeNext } from "./safe-next.ts";

const SIGN_IN = "/api/auth/sign-in/email";

/** E-mail and password; a refusal says which of the two things to do. */
export function LoginForm({ next }: { next: string }) {
  const alive = useAlive();
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFault(null);
    const refused = await signIn(String(form.get("email")), String(form.get("password")));
    if (refused === null) window.location.assign(safeNext(next));
    else {
      setFault(refused);
      setBusy(false);
    }
  };
  return (
    // Posts, in case it is sent before this script runs: a password never gets into an address.
    <form className="login-f" method="post" onSubmit={submit} noValidate>
      <div>
        <h1>Sign in to the console</h1>
        <p className="mid">This console can move live traffic.</p>
      </div>
      <div className="field">
        <label htmlFor="email">Email</label>
        <input
          className="input"
          id="email"
          name="email"
          type="email"
          autoComplete="username"
          placeholder="admin@chela.local"
          required
        />
      </div>
      <div className="field">
        <label htmlFor="password">Password</label>
        <input
          className={fault ? "input err" : "input"}
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          aria-invalid={fault !== null || undefined}
          aria-describedby={fault ? "login-fault" : undefined}
          required
        />
        {fault && (
          <span className="err-t" role="alert" id="login-fault">
            <Icon name="st-fail" />
            {fault}
          </span>
        )}
      </div>
      <Button type="submit" variant="primary" busy={busy} locked={!alive}>
        Sign in
      </Button>
      <p className="note">
        First time here? <code className="mono">bin/up</code> prints the address and the first
        admin's password when it has finished, and keeps both in{" "}
        <code className="mono">.chela/access.json</code>.
      </p>
    </form>
  );
}

/** @returns null, or why not. */
async function signIn(email: string, password: string): Promise<string | null> {
  try {
    const response = await fetch(SIGN_IN, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password }),
    });
    if (response.ok) return null;
    if (response.status === 401 || response.status === 400 || response.status === 422)
      return "Email and password don't match.";
    if (response.status === 429) return "Too many tries. Wait a minute, then try again.";
    if (response.status === 403)
      return "This address is not the console's own. Open it at the address that bin/up printed.";
    return `The console failed (${response.status}); its log says why.`;
  } catch {
    return "The console does not answer. Is it running?";
  }
}
