"use client";

import type { OperationView } from "@chela/shared/fleet/view";
import { cx } from "../../ui/cx.ts";
import { atSecond } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { useFleet, useLive } from "../fleet/live/live.tsx";
import { Sentence } from "../fleet/sentence.tsx";
import { iconOfEvent } from "../fleet/wording.ts";
import { eventsOf } from "./operation-events.ts";

const SHOWN_MAX = 14;

/** What an operation did, newest first. */
export function OperationEvents({ operation }: { operation: OperationView }) {
  const all = useLive((state) => state.events);
  const { gateways } = useFleet();
  const events = eventsOf(operation, all).slice(0, SHOWN_MAX);
  const names = gateways.map((gateway) => gateway.name);
  return (
    <section className="card" aria-label="Events">
      <div className="card-h">
        <h2>Events</h2>
        <div className="r">newest first</div>
      </div>
      <div className="card-b">
        {events.length === 0 ? (
          <p className="note">None since this page was opened.</p>
        ) : (
          <ol className="tl">
            {events.map((event) => {
              const { icon, tone } = iconOfEvent(event);
              return (
                <li key={event.id}>
                  <span className={cx("ic", tone)}>
                    <Icon name={icon} />
                  </span>
                  <div>
                    <p>
                      <Sentence text={event.title} names={names} />
                    </p>
                    {event.detail && <p className="w">{event.detail}</p>}
                  </div>
                  <time dateTime={event.at}>{atSecond(event.at)}</time>
                </li>
              );
            })}
          </ol>
        )}
      </div>
    </section>
  );
}
