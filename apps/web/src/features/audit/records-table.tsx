"use client";

import type { AuditRecord } from "@chela/shared/audit/record";
import { Fragment, type KeyboardEvent } from "react";
import { atSecond, count, dayOf } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { StatusText } from "../../ui/status.tsx";
import { useConsoleNow } from "../fleet/live/live.tsx";
import { actionInWords, byDay, initials, outcomeInWords } from "./entries.ts";

/** Records by day, newest first. Arrow keys go from one to the next, Enter opens it. */
export function RecordsTable({
  records,
  selected,
  onOpen,
}: {
  records: readonly AuditRecord[];
  selected: number | null;
  onOpen: (id: number) => void;
}) {
  const now = useConsoleNow();
  return (
    <div className="tw">
      <table className="table act">
        <thead>
          <tr>
            <th>When</th>
            <th>Who</th>
            <th>What</th>
            <th>Outcome</th>
            <th>From where</th>
            <th className="num">Entry</th>
          </tr>
        </thead>
        <tbody onKeyDown={goWithArrows}>
          {byDay(records, (iso) => dayOf(iso, now)).map(({ day, records: own }) => (
            <Fragment key={day}>
              <tr className="day">
                <td colSpan={6}>{day}</td>
              </tr>
              {own.map((record) => {
                const { word, icon } = actionInWords(record.action);
                const aside = record.detail ?? record.reason;
                return (
                  <tr key={record.id} aria-selected={record.id === selected}>
                    <td className="mono">{atSecond(record.at)}</td>
                    <td>
                      <span className="who">
                        <span className="ava sm" aria-hidden="true">
                          {initials(record.actor)}
                        </span>
                        {record.actor}
                      </span>
                    </td>
                    <td className="outcome" title={aside ?? undefined}>
                      <button
                        type="button"
                        className="cellic row-link"
                        aria-label={`Open entry ${record.id}: ${word} ${record.subject ?? ""}`}
                        onClick={() => onOpen(record.id)}
                      >
                        <Icon name={icon} />
                        <span className="what">
                          {word}
                          {record.subject && ` ${record.subject}`}
                          {aside && <small>{aside}</small>}
                        </span>
                      </button>
                    </td>
                    <td>
                      <StatusText status={outcomeInWords(record.outcome)} />
                    </td>
                    <td>{record.from ?? "by itself"}</td>
                    <td className="num mono">{count(record.id)}</td>
                  </tr>
                );
              })}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function goWithArrows(event: KeyboardEvent<HTMLElement>): void {
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (by === 0) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(".row-link")];
  const next = rows[rows.indexOf(document.activeElement as HTMLElement) + by];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
