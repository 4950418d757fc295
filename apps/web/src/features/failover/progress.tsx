"use client";

import type { FleetEvent, GatewayView, OperationView } from "@chela/shared/fleet/view";
import { cx } from "../../ui/cx.ts";
import { Callout } from "../../ui/feedback.tsx";
import { atMilli, count } from "../../ui/format.ts";
import { useFrameClock } from "../../ui/use-frame-clock.ts";
import { useFleet, useLive } from "../fleet/live/live.tsx";
import { Sentence } from "../fleet/sentence.tsx";
import { elapsedMs } from "./phase.ts";
import { MeasuredSteps } from "./plan.tsx";
import { isPause, statusOfOperation } from "./wording.ts";

/** During and after: the same steps with measured times, then the outcome as a sentence. */
export function Progress({ operation, to }: { operation: OperationView; to: GatewayView }) {
  const fleet = useFleet();
  const skew = useLive((state) => state.skewMs) ?? 0;
  const running = operation.endedAt === null;
  const now = useFrameClock(running) - skew;
  const elapsed = elapsedMs(operation, now);
  const pause = operation.steps.find((step) => isPause(step.name));
  const cells: [string, string, string][] = [
    [running ? "Elapsed" : "Total", (elapsed / 1_000).toFixed(3), "s"],
    ["Hand-over", pause?.ms === null || pause === undefined ? "–" : count(pause.ms), "ms"],
    [`Shards on ${to.name}`, `${to.shards}`, `of ${fleet.shards.total}`],
    ["nginx reloads", count(operation.edgeReloads), ""],
  ];
  return (
    <>
      <Outcome operation={operation} />
      {operation.automatic && (
        <Callout icon="info">
          <p>
            <b>Why:</b> {operation.automatic.cause}
          </p>
        </Callout>
      )}
      <div className="bigtime">
        {cells.map(([name, value, unit]) => (
          <div key={name}>
            <span className="lab">{name}</span>
            <b>
              {value}
              {unit && <small>{unit}</small>}
            </b>
          </div>
        ))}
      </div>
      <section className="sec">
        <h3>
          {running ? "Steps" : "Where the time went"}{" "}
          <small>{running ? "measured" : `0 to ${count(Math.round(elapsed))} ms`}</small>
        </h3>
        <MeasuredSteps steps={operation.steps} now={now} />
      </section>
      <ShardsOn gateway={to} total={fleet.shards.total} />
      <EventLog operationId={operation.id} />
    </>
  );
}

function Outcome({ operation }: { operation: OperationView }) {
  const { gateways, hosts } = useFleet();
  const names = [...gateways, ...hosts].map((each) => each.name);
  const status = statusOfOperation(operation.state);
  const running = operation.endedAt === null;
  const text = running
    ? operation.aborting
      ? "Stopping after the step under way."
      : operation.waitingFor
        ? `Waiting for ${operation.waitingFor}.`
        : "Under way. Safe to close: it goes on by itself."
    : (operation.outcome ?? `${status.word}.`);
  return (
    <Callout
      tone={running ? "run" : status.tone}
      icon={status.icon}
      className="result"
      role="status"
    >
      <p className={cx(!running && "ink")}>
        <Sentence text={text} names={names} />
      </p>
    </Callout>
  );
}

const ShardsOn = ({ gateway, total }: { gateway: GatewayView; total: number }) => (
  <section className="sec">
    <h3>
      Shards on {gateway.name}{" "}
      <small>
        {gateway.shards} of {total}
      </small>
    </h3>
    <div
      className="shards"
      role="img"
      aria-label={`${gateway.shards} of ${total} shards on ${gateway.name}`}
    >
      {Array.from({ length: total }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the cell is its place
        <i key={i} className={i < gateway.shards ? "on" : undefined} />
      ))}
    </div>
  </section>
);

const LEVELS: Record<FleetEvent["severity"], string> = {
  info: "info",
  good: "ok",
  warning: "warn",
  bad: "fail",
};

/** What happened meanwhile, oldest first. */
function EventLog({ operationId }: { operationId: string }) {
  const events = useLive((state) => state.events);
  const own = events.filter((event) => event.operationId === operationId).reverse();
  if (own.length === 0) return null;
  return (
    <section className="sec">
      <h3>Log</h3>
      <div className="code log-box">
        <div className="log">
          {own.map((event) => (
            <div key={event.id}>
              <time>{atMilli(event.at)}</time>
              <span className={cx("lv", event.severity === "warning" && "w")}>
                {LEVELS[event.severity]}
              </span>
              <span>
                {event.title}
                {event.detail ? `. ${event.detail}` : ""}
              </span>
            </div>
          ))}
        </div>
      </div>
    </section>
  );
}
