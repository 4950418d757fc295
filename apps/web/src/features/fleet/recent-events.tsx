"use client";

import Link from "next/link";
import { cx } from "../../ui/cx.ts";
import { Empty } from "../../ui/feedback.tsx";
import { when } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { useConsoleNow, useFleet, useLive } from "./live/live.tsx";
import { Sentence } from "./sentence.tsx";
import type { Mark } from "./traffic/series.ts";
import { iconOfEvent } from "./wording.ts";

const SHOWN_MAX = 10;

/** What happened, newest first; a letter ties an event to its line in the charts. */
export function RecentEvents({ marks }: { marks: readonly Mark[] }) {
  const events = useLive((state) => state.events);
  const { gateways, hosts } = useFleet();
  const now = useConsoleNow();
  const names = [...gateways, ...hosts].map((each) => each.name);
  const letters = new Map(marks.map((mark) => [mark.event.id, mark.letter]));
  return (
    <section className="card" aria-label="Recent events">
      <div className="card-h">
        <h2>Recent events</h2>
        <div className="r">
          <Link className="linkish" href="/activity">
            All activity
          </Link>
        </div>
      </div>
      <div className="card-b">
        {events.length === 0 ? (
          <Empty icon="activity" title="Nothing happened yet">
            Changes of role, operations and failures appear here as they happen.
          </Empty>
        ) : (
          <ol className="tl">
            {events.slice(0, SHOWN_MAX).map((event) => {
              const letter = letters.get(event.id);
              const { icon, tone } = iconOfEvent(event);
              return (
                <li key={event.id}>
                  {letter ? (
                    <span className="ic mark">{letter}</span>
                  ) : (
                    <span className={cx("ic", tone)}>{<Icon name={icon} />}</span>
                  )}
                  <div>
                    <p>
                      <Sentence text={event.title} names={names} />
                    </p>
                    {event.detail && <p className="w">{event.detail}</p>}
                  </div>
                  <time dateTime={event.at}>{when(event.at, now)}</time>
                </li>
              );
            })}
          </ol>
        )}
      </div>
    </section>
  );
}
