"use client";

import { useMutation } from "@tanstack/react-query";
import { usePathname, useSearchParams } from "next/navigation";
import { useRef, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { replaceAddress } from "../../ui/address.ts";
import { Button, Keys } from "../../ui/button.tsx";
import { Callout } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { useConfirmKey } from "../../ui/use-confirm-key.ts";
import { useLive } from "../fleet/live/live.tsx";
import { useRoleLock } from "../viewer/viewer.ts";

const REASON_CHARS_MAX = 500;

/** Open when the address says `?failover=pause`. */
export function PauseSheet() {
  const query = useSearchParams();
  const fleet = useLive((state) => state.fleet);
  if (fleet === null || query.get("failover") !== "pause" || fleet.failoverPaused) return null;
  return <Pause fleet={fleet.fleet} />;
}

/** For maintenance: nothing moves by itself, as long as somebody lives. */
function Pause({ fleet }: { fleet: string }) {
  const api = useApi();
  const path = usePathname();
  const cancel = useRef<HTMLButtonElement>(null);
  const [reason, setReason] = useState("");
  const close = () => replaceAddress(path);
  const pause = useMutation(api.failover.pause.mutationOptions({ onSuccess: close }));
  const lock =
    useRoleLock("operator") ?? (reason.trim() === "" ? "Say why: everybody sees it." : null);
  const confirm = () => {
    if (lock !== null || pause.isPending) return;
    pause.mutate({ fleet, reason: reason.trim() });
  };
  useConfirmKey("sheet", true, confirm);
  return (
    <Sheet
      name="Pause automatic failover"
      title="Pause automatic failover"
      lead={`For maintenance in ${fleet}. Shown on every page until somebody resumes it.`}
      open
      onClose={close}
      first={cancel}
      footer={
        <>
          <span className="note">{lock ?? "Stays paused until it is resumed."}</span>
          <Button ref={cancel} variant="ghost" onClick={close}>
            Cancel <Keys of={["Esc"]} />
          </Button>
          <Button
            variant="danger solid"
            icon="pause"
            locked={lock !== null}
            busy={pause.isPending}
            onClick={confirm}
          >
            Pause failover
            {lock === null && <Keys of={["⌘", "↵"]} />}
          </Button>
        </>
      }
    >
      {pause.isError && (
        <Callout tone="fail" icon="st-fail" role="alert">
          <p>
            <b>Not paused.</b> {faultOf(pause.error).sentence}
          </p>
        </Callout>
      )}
      <section className="sec">
        <h3>While it is paused</h3>
        <ul className="consequences">
          <li>Nothing moves away from a gateway that lives, but by an operator.</li>
          <li>
            Sessions of a gateway that dies wait for it a few seconds; if it stays away, another
            takes them all the same.
          </li>
          <li>Webhooks are accepted and kept. Promoting by hand works as ever.</li>
        </ul>
      </section>
      <Field
        label="Reason"
        value={reason}
        maxLength={REASON_CHARS_MAX}
        autoComplete="off"
        placeholder="Redis upgrade, until about 14:00"
        onChange={(event) => setReason(event.target.value)}
        hint="Kept in the record, and shown in the banner."
      />
    </Sheet>
  );
}
