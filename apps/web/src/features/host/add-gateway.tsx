"use client";

import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button, Keys } from "../../ui/button.tsx";
import { Callout } from "../../ui/feedback.tsx";
import { randomId } from "../../ui/random-id.ts";
import { Sheet } from "../../ui/sheet.tsx";
import { useCommandLock, useFleet } from "../fleet/live/live.tsx";
import { OperationCourse } from "../fleet/operation-course.tsx";
import { useRoleLock } from "../viewer/viewer.ts";
import { placementLock } from "./host-status.ts";

/** Places one more gateway: it comes up as standby and takes no session before it is promoted. */
export function AddGateway({ host, onClose }: { host: string; onClose: () => void }) {
  const fleet = useFleet();
  const api = useApi();
  const cancel = useRef<HTMLButtonElement>(null);
  const [name, setName] = useState("");
  const create = useMutation(api.gateways.create.mutationOptions());
  const view = fleet.hosts.find((each) => each.name === host);
  const stale = useCommandLock();
  const role = useRoleLock("operator");
  const placement = view ? placementLock(view) : "This host is gone.";
  const taken = fleet.gateways.some((gateway) => gateway.name === name)
    ? `${name} exists already.`
    : null;
  const lock = role ?? stale ?? placement ?? taken;
  return (
    <Sheet
      name={`Add gateway on ${host}`}
      title={`Add a gateway on ${host}`}
      lead="It gets the image, configuration and secrets of the fleet, and comes up as standby."
      open
      onClose={onClose}
      first={cancel}
      footer={
        <>
          <span className="note">
            {create.isSuccess
              ? "Safe to close: it goes on by itself."
              : (lock ??
                "The image is carried over the agent's own connection; no registry is needed.")}
          </span>
          <Button ref={cancel} variant="ghost" onClick={onClose}>
            {create.isSuccess ? "Close" : "Cancel"} <Keys of={["Esc"]} />
          </Button>
          {!create.isSuccess && (
            <Button
              variant="primary"
              icon="plus"
              locked={lock !== null}
              busy={create.isPending}
              onClick={() =>
                create.mutate({
                  fleet: fleet.fleet,
                  host,
                  ...(name === "" ? {} : { gateway: name }),
                  idempotencyKey: randomId(),
                })
              }
            >
              Add gateway
            </Button>
          )}
        </>
      }
    >
      <div className="field">
        <label htmlFor="gateway-name">Name</label>
        <input
          id="gateway-name"
          className="input mono"
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="the next free one"
          autoComplete="off"
          spellCheck={false}
          disabled={create.isSuccess}
        />
        <span className="hint">
          Left empty, it is numbered on: gw-{fleet.gateways.length + 1} or later.
        </span>
      </div>
      {create.isError && (
        <Callout tone="fail" icon="st-fail" role="alert">
          <p>
            <b>Not started.</b> {faultOf(create.error).sentence}
          </p>
        </Callout>
      )}
      {create.data && <OperationCourse operationId={create.data.operationId} />}
    </Sheet>
  );
}
