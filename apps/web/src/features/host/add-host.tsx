"use client";

import type { HostView } from "@chela/shared/fleet/view";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button, Keys } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Callout } from "../../ui/feedback.tsx";
import { bytes, clockTime } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { useConsoleNow, useFleet } from "../fleet/live/live.tsx";
import { placementLock } from "./host-status.ts";

const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** Name it, run one command there, watch it call. */
export function AddHost({
  onClose,
  onAddGateway,
}: {
  onClose: () => void;
  onAddGateway: (host: string) => void;
}) {
  const fleet = useFleet();
  const api = useApi();
  const first = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const [region, setRegion] = useState("");
  const token = useMutation(api.hosts.createJoinToken.mutationOptions());
  const taken = fleet.hosts.some((host) => host.name === name && host.connected);
  const fault =
    name === "" || token.data !== undefined
      ? null
      : !NAME.test(name)
        ? "Lower-case letters, digits and hyphens, at most 40."
        : taken
          ? "A host of this name reports already."
          : null;
  const joined = token.data
    ? fleet.hosts.find((host) => host.name === token.variables?.host && host.connected)
    : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name === "" || fault !== null || token.isPending) return;
    token.mutate({ fleet: fleet.fleet, host: name, ...(region === "" ? {} : { region }) });
  };
  return (
    <Sheet
      name="Add a host"
      title="Add a host"
      lead="Needs Docker, and a way out to this console. Nothing listens on the new host."
      open
      onClose={onClose}
      first={first}
      footer={
        <>
          <span className="note">
            {joined
              ? `${joined.name} is part of ${fleet.fleet}.`
              : token.data
                ? "Safe to close: the command stays good until it ends."
                : "The token joins one host, once."}
          </span>
          <Button variant="ghost" onClick={onClose}>
            {joined ? "Close" : "Cancel"} <Keys of={["Esc"]} />
          </Button>
          {joined && (
            <Button
              variant="primary"
              icon="plus"
              locked={placementLock(joined) !== null}
              onClick={() => onAddGateway(joined.name)}
            >
              Add gateway
            </Button>
          )}
        </>
      }
    >
      <ol className="numbered">
        <li>
          <div>
            <h3>Name it</h3>
            <form className="two host-form" onSubmit={submit}>
              <div className="field">
                <label htmlFor="host-name">Name</label>
                <input
                  ref={first}
                  id="host-name"
                  className={fault ? "input mono err" : "input mono"}
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                  placeholder="host-b"
                  autoComplete="off"
                  spellCheck={false}
                  disabled={token.data !== undefined}
                />
                {fault && (
                  <span className="err-t" role="alert">
                    <Icon name="st-fail" />
                    {fault}
                  </span>
                )}
              </div>
              <div className="field">
                <label htmlFor="host-region">Region, if any</label>
                <input
                  id="host-region"
                  className="input mono"
                  value={region}
                  onChange={(event) => setRegion(event.target.value)}
                  placeholder="frankfurt"
                  autoComplete="off"
                  spellCheck={false}
                  disabled={token.data !== undefined}
                />
              </div>
              {!token.data && (
                <div>
                  <Button
                    type="submit"
                    variant="primary"
                    busy={token.isPending}
                    locked={name === "" || fault !== null}
                    onClick={() => {}}
                  >
                    Create the command
                  </Button>
                </div>
              )}
            </form>
            {token.isError && (
              <p className="err-t" role="alert">
                <Icon name="st-fail" />
                {faultOf(token.error).sentence}
              </p>
            )}
          </div>
        </li>
        {token.data && (
          <>
            <li>
              <div>
                <h3>Run this on the new host</h3>
                <Command command={token.data.command} expiresAt={token.data.expiresAt} />
                {token.data.warnings.map((warning) => (
                  <Callout key={warning} tone="warn" icon="st-warn" className="join-warning">
                    <p>{warning}</p>
                  </Callout>
                ))}
              </div>
            </li>
            <li>
              <div>
                <h3>{joined ? "It has called" : "Waiting for it to call"}</h3>
                <Arrival host={joined} name={token.variables?.host ?? ""} />
              </div>
            </li>
          </>
        )}
      </ol>
    </Sheet>
  );
}

function Command({ command, expiresAt }: { command: string; expiresAt: string }) {
  const now = useConsoleNow();
  const left = Date.parse(expiresAt) - now;
  return (
    <>
      <div className="cmd">
        <span className="dim">$</span>
        <code>{command}</code>
        <CopyButton text={command} label="Copy the command" />
      </div>
      <p className="note cmd-note">
        {left > 0
          ? `The token joins one host, once, and ends in ${clockTime(left)}. The agent connects out.`
          : "The token has ended. Close this and create another."}
      </p>
    </>
  );
}

/** Flips by itself when the agent dials in: the feed tells. */
function Arrival({ host, name }: { host: HostView | undefined; name: string }) {
  const lines: {
    tone: "pass" | "fail" | "run" | "wait";
    text: string;
    detail?: string | null;
    word: string;
  }[] =
    host === undefined
      ? [{ tone: "run", text: `${name} has not called yet`, word: "Waits" }]
      : [
          {
            tone: "pass",
            text: `Called${host.address ? ` from ${host.address}` : ""}`,
            detail: host.os,
            word: "Pass",
          },
          {
            tone: "pass",
            text: `Docker ${host.engineVersion ?? ""}`,
            detail: `${host.cpus ?? "?"} cores, ${bytes(host.memoryBytes)}, agent ${host.agentVersion ?? "?"}`,
            word: "Pass",
          },
          host.redisReachable === null
            ? { tone: "run", text: "Reaching Redis", word: "Tries" }
            : host.redisReachable
              ? { tone: "pass", text: "Redis is reachable from there", word: "Pass" }
              : {
                  tone: "fail",
                  text: "Redis is not reachable from there",
                  detail: host.redisReason,
                  word: "Fail",
                },
        ];
  const icons = { pass: "st-pass", fail: "st-fail", run: "st-run", wait: "st-wait" } as const;
  return (
    <ul className="checks" aria-live="polite">
      {lines.map((line) => (
        <li key={line.text}>
          <span className={`ic ${line.tone}`}>
            <Icon name={icons[line.tone]} className={line.tone === "run" ? "spin" : undefined} />
          </span>
          <p>
            <b>{line.text}</b>
            {line.detail && <small>{line.detail}</small>}
          </p>
          <span className={`wd ${line.tone}`}>{line.word}</span>
        </li>
      ))}
    </ul>
  );
}
