"use client";

import { type FormEvent, useState } from "react";
import { type AuthAnswer, postAuth } from "../../features/user/auth-request.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { useAlive } from "../../ui/use-now.ts";
import { safeNext } from "./safe-next.ts";

/** Password, then a code where the account has a second factor. A refusal says which of the things to do. */
export function LoginForm({ next }: { next: string }) {
  const [halfway, setHalfway] = useState(false);
  const enter = () => window.location.assign(safeNext(next));
  return halfway ? (
    <CodeForm onDone={enter} onBack={() => setHalfway(false)} />
  ) : (
    <PasswordForm
      onAnswer={(answer) => {
        if (answer.twoFactorRedirect) setHalfway(true);
        else enter();
      }}
    />
  );
}

interface SignedIn {
  /** Only half: the code is still to come. */
  twoFactorRedirect?: boolean;
}

function PasswordForm({ onAnswer }: { onAnswer: (answer: SignedIn) => void }) {
  const alive = useAlive();
  const { fault, busy, ask } = useAsking<SignedIn>(onAnswer);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void ask(() =>
      postAuth("sign-in/email", {
        email: String(form.get("email")),
        password: String(form.get("password")),
      }),
    );
  };
  return (
    // Posts, in case it is sent before this script runs: a password never gets into an address.
    <form className="login-f" method="post" onSubmit={submit} noValidate>
      <div>
        <h1>Sign in to the console</h1>
        <p className="mid">This console can move live traffic.</p>
      </div>
      <Field
        label="Email"
        name="email"
        type="email"
        autoComplete="username"
        placeholder="admin@chela.local"
        required
      />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        fault={fault}
        required
      />
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

/** The second factor: a code of the device, or one of the backup codes. */
function CodeForm({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const [backup, setBackup] = useState(false);
  const [code, setCode] = useState("");
  const { fault, busy, ask, forget } = useAsking(onDone);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code === "") return;
    void ask(() =>
      backup
        ? postAuth("two-factor/verify-backup-code", { code: code.trim() })
        : postAuth("two-factor/verify-totp", { code: code.replaceAll(/\s/g, "") }),
    );
  };
  return (
    <form className="login-f" method="post" onSubmit={submit} noValidate>
      <div>
        <h1>{backup ? "Use a backup code" : "Enter your code"}</h1>
        <p className="mid">
          {backup
            ? "One of those you kept when you set the second factor up. Each works once."
            : "From the app that makes codes for this console."}
        </p>
      </div>
      <Field
        key={String(backup)}
        label={backup ? "Backup code" : "Code"}
        inputMode={backup ? "text" : "numeric"}
        autoComplete="one-time-code"
        autoFocus
        mono
        value={code}
        fault={fault}
        onChange={(event) => {
          setCode(event.target.value);
          forget();
        }}
      />
      <Button type="submit" variant="primary" busy={busy} locked={code === ""}>
        Sign in
      </Button>
      <p className="note row between">
        <button
          type="button"
          className="linkish"
          onClick={() => {
            setBackup(!backup);
            setCode("");
            forget();
          }}
        >
          {backup ? "Use the app's code" : "Lost your device?"}
        </button>
        <button type="button" className="linkish" onClick={onBack}>
          Start again
        </button>
      </p>
    </form>
  );
}

/** One question at a time to the door. Stays busy after a yes: the page is about to change. */
function useAsking<T>(onYes: (answer: T) => void) {
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  return {
    fault,
    busy,
    forget: () => setFault(null),
    ask: async (question: () => Promise<AuthAnswer<unknown>>) => {
      setBusy(true);
      setFault(null);
      const answer = await question();
      if (answer.ok) return onYes(answer.data as T);
      setFault(answer.sentence);
      setBusy(false);
    },
  };
}
