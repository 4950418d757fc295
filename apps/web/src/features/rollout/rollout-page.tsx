"use client";

import type { OperationView } from "@chela/shared/fleet/view";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Callout, Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { atSecond, shortDigest } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Badge, type Status } from "../../ui/status.tsx";
import { statusOfOperation } from "../failover/wording.ts";
import { useCommandLock, useFleet, useLive, useOperation } from "../fleet/live/live.tsx";
import { Sentence } from "../fleet/sentence.tsx";
import { useRoleLock } from "../viewer/viewer.ts";
import { abortConsequence } from "./abort-consequence.ts";
import { OperationEvents } from "./events.tsx";
import { RolloutHistory } from "./history.tsx";
import { currentGateway, lanesOf } from "./lane-layout.ts";
import { Lanes } from "./lanes.tsx";
import { LogTail } from "./log-tail.tsx";
import { RolloutProgress } from "./progress.tsx";
import { titleOf } from "./wording.ts";

/** How far, is it well, what if I abort? */
export function RolloutPage({ id }: { id: string }) {
  const api = useApi();
  const live = useOperation(id);
  // One that was over before this page was opened is in the record only.
  const stored = useQuery(
    api.operations.get.queryOptions({ operationId: id }, { enabled: live === null }),
  );
  const operation = live ?? stored.data;
  if (operation) return <Rollout operation={operation} />;
  if (stored.isError) {
    return (
      <div className="card">
        <Empty
          icon="rollouts"
          bad
          title="This rollout can't be shown"
          actions={<ButtonLink href="/rollouts">All rollouts</ButtonLink>}
        >
          {faultOf(stored.error).sentence}
        </Empty>
      </div>
    );
  }
  return (
    <div className="card">
      <SkeletonRows />
    </div>
  );
}

function Rollout({ operation }: { operation: OperationView }) {
  const fleet = useFleet();
  const lanes = lanesOf(operation);
  const over = operation.endedAt !== null;
  const current = over ? null : currentGateway(lanes);
  const names = fleet.gateways.map((gateway) => gateway.name);
  const imageId = fleet.gateways.find(
    (gateway) => gateway.image === operation.rollout?.toImage,
  )?.imageId;
  return (
    <>
      <div className="head">
        <div>
          <div className="row wrap">
            <h1>{titleOf(operation)}</h1>
            <span role="status">
              <Badge size="md" status={statusInWords(operation)} />
            </span>
          </div>
          <p className="sub">
            One at a time, started {atSecond(operation.startedAt)} by {operation.requestedBy}.{" "}
            {operation.rollout && <span className="mono">{operation.rollout.toImage}</span>}{" "}
            {imageId && <span className="dim mono">{shortDigest(imageId)}</span>}
          </p>
        </div>
        <Actions
          operation={operation}
          consequence={abortConsequence(lanes, operation.rollout?.from ?? "the old version")}
        />
      </div>
      {operation.outcome && (
        <Callout
          tone={statusOfOperation(operation.state).tone}
          icon={statusOfOperation(operation.state).icon}
          className="result"
        >
          <p>
            <Sentence text={operation.outcome} names={names} />
          </p>
        </Callout>
      )}
      <RolloutProgress operation={operation} lanes={lanes} />
      <div className="ro-grid">
        <div className="stack">
          <Lanes
            operation={operation}
            lanes={lanes}
            log={(gateway) =>
              gateway === current ? <LogTail fleet={operation.fleet} gateway={gateway} /> : null
            }
          />
        </div>
        <OperationEvents operation={operation} />
      </div>
      <RolloutHistory except={operation.id} />
    </>
  );
}

/** What the operator waits for, rather than the state's bare name. */
function statusInWords(operation: OperationView): Status {
  const status = statusOfOperation(operation.state);
  if (operation.endedAt === null && operation.aborting)
    return { tone: "draining", icon: "back", word: "Going back" };
  return status;
}

function Actions({ operation, consequence }: { operation: OperationView; consequence: string }) {
  const api = useApi();
  const stale = useCommandLock();
  const role = useRoleLock("operator");
  const [asking, setAsking] = useState(false);
  const pause = useMutation(api.rollouts.pause.mutationOptions());
  const resume = useMutation(api.rollouts.resume.mutationOptions());
  const abort = useMutation(
    api.rollouts.abort.mutationOptions({ onSettled: () => setAsking(false) }),
  );
  const connection = useLive((state) => state.connection);
  if (operation.endedAt !== null) {
    return (
      <div className="acts">
        <ButtonLink href="/rollouts/new" icon="plus">
          New rollout
        </ButtonLink>
      </div>
    );
  }
  const input = { operationId: operation.id };
  const lock = role ?? stale;
  const failed = [pause, resume, abort].find((mutation) => mutation.isError);
  const paused = operation.state === "paused";
  return (
    <div className="acts-col">
      <div className="acts">
        <Button
          icon={paused ? "play" : "pause"}
          locked={lock !== null}
          busy={pause.isPending || resume.isPending}
          onClick={() => (paused ? resume : pause).mutate(input)}
        >
          {paused ? "Resume" : "Pause"}
        </Button>
        <Button
          variant="danger"
          icon="back"
          locked={lock !== null}
          busy={abort.isPending || operation.aborting}
          aria-expanded={asking}
          onClick={() => setAsking(!asking)}
        >
          Abort and roll back
        </Button>
      </div>
      {lock && <p className="note">{lock}</p>}
      {failed && connection === "open" && (
        <p className="err-t" role="alert">
          <Icon name="st-fail" />
          {faultOf(failed.error).sentence}
        </p>
      )}
      {asking && !operation.aborting && (
        <Callout tone="warn" icon="st-warn">
          <p>
            <b>If you abort now:</b> {consequence}
          </p>
          <div className="row callout-acts">
            <Button
              variant="danger solid"
              size="sm"
              busy={abort.isPending}
              onClick={() => abort.mutate(input)}
            >
              Abort it
            </Button>
            <Button variant="ghost" size="sm" onClick={() => setAsking(false)}>
              Keep going
            </Button>
          </div>
        </Callout>
      )}
    </div>
  );
}
