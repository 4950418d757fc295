"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Field } from "../../ui/field.tsx";
import { QrCode } from "../../ui/qr-code.tsx";
import { postAuth } from "./auth-request.ts";
import type { Enrolling } from "./two-factor-card.tsx";

/** Scan, keep the backup codes, prove it with one code. Nothing is on before that. */
export function Enrolment({
  enrolling,
  onDone,
  onCancel,
}: {
  enrolling: Enrolling;
  onDone: () => void;
  onCancel: () => void;
}) {
  const [code, setCode] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const secret = new URL(enrolling.totpURI).searchParams.get("secret") ?? "";
  const codes = enrolling.backupCodes.join("\n");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || code === "") return;
    setBusy(true);
    const answer = await postAuth("two-factor/verify-totp", { code: code.replaceAll(/\s/g, "") });
    setBusy(false);
    if (answer.ok) onDone();
    else setFault(answer.sentence);
  };
  return (
    <ol className="numbered">
      <li>
        <div>
          <h3>Scan this with your app</h3>
          <div className="enrol">
            <QrCode text={enrolling.totpURI} label="The secret, for an app that makes codes" />
            <div className="stack">
              <p className="note">Or type the secret in by hand:</p>
              <div className="cmd">
                <code>{secret.replaceAll(/(.{4})/g, "$1 ").trim()}</code>
                <CopyButton text={secret} label="Copy the secret" />
              </div>
            </div>
          </div>
        </div>
      </li>
      <li>
        <div>
          <h3>Keep these backup codes</h3>
          <p className="note">Each opens your account once, if your device is lost.</p>
          <div className="cmd backup-codes">
            <code>
              {enrolling.backupCodes.map((each) => (
                <span key={each}>{each}</span>
              ))}
            </code>
            <CopyButton text={codes} label="Copy the backup codes" />
          </div>
        </div>
      </li>
      <li>
        <form onSubmit={(event) => void submit(event)}>
          <h3>Prove it</h3>
          <div className="with-button">
            <Field
              label="Code that the app shows now"
              inputMode="numeric"
              autoComplete="one-time-code"
              mono
              value={code}
              fault={fault}
              onChange={(event) => {
                setCode(event.target.value);
                setFault(null);
              }}
            />
            <Button type="submit" variant="primary" busy={busy} locked={code === ""}>
              Turn on
            </Button>
            <Button variant="ghost" onClick={onCancel}>
              Not now
            </Button>
          </div>
        </form>
      </li>
    </ol>
  );
}
