"use client";

import type { OperationView } from "@chela/shared/fleet/view";
import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { Callout, Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { atSecond, shortDigest } from "../../ui/format.ts";
import { Badge, type Status } from "../../ui/status.tsx";
import { statusOfOperation } from "../failover/wording.ts";
import { useFleet, useOperation } from "../fleet/live/live.tsx";
import { Sentence } from "../fleet/sentence.tsx";
import { abortConsequence } from "./abort-consequence.ts";
import { Actions, useApproval } from "./actions.tsx";
import { Comparison } from "./comparison.tsx";
import { OperationEvents } from "./events.tsx";
import { RolloutHistory } from "./history.tsx";
import { currentGateway, lanesOf } from "./lane-layout.ts";
import { Lanes } from "./lanes.tsx";
import { LogTail } from "./log-tail.tsx";
import { RolloutProgress } from "./progress.tsx";
import { approvable } from "./stages.ts";
import { strategyInWords } from "./strategy-form.ts";
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
  const approval = useApproval(operation);
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
            {operation.rollout && `${strategyInWords(operation.rollout.strategy)}. `}Started{" "}
            {atSecond(operation.startedAt)} by {operation.requestedBy}.{" "}
            {operation.rollout && <span className="mono">{operation.rollout.toImage}</span>}{" "}
            {imageId && <span className="dim mono">{shortDigest(imageId)}</span>}
          </p>
        </div>
        <Actions
          operation={operation}
          approval={approval}
          consequence={abortConsequence(lanes, oldIn(operation))}
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
      <WayBack operation={operation} names={names} />
      <RolloutProgress operation={operation} lanes={lanes} />
      <div className="ro-grid">
        <div className="stack">
          <Lanes
            operation={operation}
            lanes={lanes}
            approval={approval}
            log={(gateway) =>
              gateway === current ? <LogTail fleet={operation.fleet} gateway={gateway} /> : null
            }
          />
        </div>
        <div className="stack">
          {operation.rollout && <Comparison rollout={operation.rollout} />}
          <OperationEvents operation={operation} />
        </div>
      </div>
      <RolloutHistory except={operation.id} />
    </>
  );
}

/** The old release by the name that tells it from the new one. */
const oldIn = ({ rollout }: OperationView): string =>
  rollout === null || rollout.changes.includes("image")
    ? (rollout?.from ?? "the old release")
    : `release ${rollout.fromRelease}`;

/** Why it goes back, while it does; once it is over the outcome says so. */
function WayBack({ operation, names }: { operation: OperationView; names: readonly string[] }) {
  const { rollout } = operation;
  if (operation.endedAt !== null || rollout?.direction !== "back") return null;
  return (
    <Callout tone="warn" icon="back" className="result" role="status">
      <p>
        <b>Going back to {oldIn(operation)}.</b>{" "}
        {rollout.cause !== null && <Sentence text={rollout.cause} names={names} />}
      </p>
    </Callout>
  );
}

/** What the operator waits for, rather than the state's bare name. */
function statusInWords(operation: OperationView): Status {
  if (operation.endedAt !== null) return statusOfOperation(operation.state);
  if (operation.aborting || operation.rollout?.direction === "back")
    return { tone: "draining", icon: "back", word: "Going back" };
  const gate = approvable(operation.rollout);
  if (gate !== null && operation.state === "running")
    return { tone: "draining", icon: "gate", word: `Waiting for approval, stage ${gate.number}` };
  return statusOfOperation(operation.state);
}
