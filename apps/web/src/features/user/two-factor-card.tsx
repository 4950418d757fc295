"use client";

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Badge } from "../../ui/status.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useViewer } from "../viewer/viewer.ts";
import { postAuth } from "./auth-request.ts";
import { Enrolment } from "./enrolment.tsx";

export interface Enrolling {
  totpURI: string;
  backupCodes: string[];
}

/** A code from a device besides the password: set up, or taken off; both ask for the password. */
export function TwoFactorCard() {
  const viewer = useViewer();
  const api = useApi();
  const queries = useQueryClient();
  const [enrolling, setEnrolling] = useState<Enrolling | null>(null);
  if (viewer === undefined) return null;
  const on = viewer.twoFactor;
  const changed = () => void queries.invalidateQueries(api.viewer.me.queryFilter());
  return (
    <section className="card" aria-label="Second factor">
      <div className="card-h">
        <h2>Second factor</h2>
        <div className="r">
          <Badge
            status={
              on
                ? { tone: "pass", icon: "st-pass", word: "On" }
                : { tone: "wait", icon: "st-skip", word: "Off" }
            }
          />
        </div>
      </div>
      <div className="card-b stack">
        {enrolling ? (
          <Enrolment
            enrolling={enrolling}
            onDone={() => {
              setEnrolling(null);
              changed();
              showToast("pass", "Second factor is on", "The next login asks for a code.");
            }}
            onCancel={() => setEnrolling(null)}
          />
        ) : on ? (
          <WithPassword
            path="two-factor/disable"
            button="Turn off"
            danger
            onDone={() => {
              changed();
              showToast("warn", "Second factor is off", "The password alone opens this account.");
            }}
          >
            Each login asks for a code of your device after the password. If you lose it, one of
            your backup codes, or an administrator, lets you in.
          </WithPassword>
        ) : (
          <WithPassword<Enrolling>
            path="two-factor/enable"
            button="Set up"
            onDone={(data) => setEnrolling(data)}
          >
            With it, a stolen password opens nothing. You need an app that makes codes, on a phone
            or in a password manager.
          </WithPassword>
        )}
      </div>
    </section>
  );
}

function WithPassword<T>({
  path,
  button,
  danger,
  onDone,
  children,
}: {
  path: string;
  button: string;
  danger?: boolean;
  onDone: (data: T) => void;
  children: ReactNode;
}) {
  const [password, setPassword] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (password === "" || busy) return;
    setBusy(true);
    const answer = await postAuth<T>(path, { password });
    setBusy(false);
    setPassword("");
    if (answer.ok) onDone(answer.data);
    else setFault(answer.sentence);
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <p className="mid">{children}</p>
      <div className="with-button">
        <Field
          label="Your password"
          type="password"
          autoComplete="current-password"
          value={password}
          fault={fault}
          onChange={(event) => {
            setPassword(event.target.value);
            setFault(null);
          }}
        />
        <Button
          type="submit"
          variant={danger ? "danger" : undefined}
          busy={busy}
          locked={password === ""}
        >
          {button}
        </Button>
      </div>
    </form>
  );
}
