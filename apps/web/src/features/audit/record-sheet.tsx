"use client";

import type { AuditRecord } from "@chela/shared/audit/record";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { atMilli, count, dayOf } from "../../ui/format.ts";
import { Sheet } from "../../ui/sheet.tsx";
import { StatusText } from "../../ui/status.tsx";
import { useConsoleNow } from "../fleet/live/live.tsx";
import { difference } from "./difference.ts";
import { actionInWords, outcomeInWords } from "./entries.ts";

/** One record whole, with what it changed. */
export function RecordSheet({
  id,
  known,
  onClose,
}: {
  id: number;
  /** Records on the screen; an older one is asked for. */
  known: readonly AuditRecord[];
  onClose: () => void;
}) {
  const api = useApi();
  const shown = known.find((record) => record.id === id);
  const asked = useQuery(
    api.audit.list.queryOptions({ cursor: String(id + 1), limit: 1 }, { enabled: !shown }),
  );
  const record = shown ?? asked.data?.items.find((each) => each.id === id);
  const { word } = actionInWords(record?.action ?? "");
  return (
    <Sheet
      name={`Entry ${id}`}
      title={record ? `${word}${record.subject ? ` ${record.subject}` : ""}` : `Entry ${count(id)}`}
      lead={`Entry ${count(id)} of the record. It can't be edited or deleted.`}
      open
      onClose={onClose}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      {record ? (
        <Details record={record} />
      ) : asked.isPending ? (
        <SkeletonRows />
      ) : (
        <Empty icon="st-fail" bad title="This entry can't be shown">
          {asked.isError
            ? faultOf(asked.error).sentence
            : "It is not there, or belongs to a fleet that you may not see."}
        </Empty>
      )}
    </Sheet>
  );
}

function Details({ record }: { record: AuditRecord }) {
  const now = useConsoleNow();
  const changes = difference(record.before, record.after);
  return (
    <div className="stack">
      <dl className="audit-facts">
        <Fact name="Outcome">
          <StatusText status={outcomeInWords(record.outcome)} />
          {record.code && <span className="tag">{record.code}</span>}
        </Fact>
        <Fact name="When">
          {dayOf(record.at, now)}, {atMilli(record.at)}
        </Fact>
        <Fact name="Who">{record.actor}</Fact>
        <Fact name="From">{record.from ?? "by itself"}</Fact>
        <Fact name="Action">
          <span className="mono">{record.action}</span>
        </Fact>
        <Fact name="Fleet">{record.fleet ?? "the console"}</Fact>
        {record.reason && <Fact name="Reason">{record.reason}</Fact>}
        {record.detail && <Fact name="Detail">{record.detail}</Fact>}
        {record.requestId && (
          <Fact name="Request">
            <span className="mono">{record.requestId}</span>
          </Fact>
        )}
      </dl>
      {changes.length > 0 && (
        <table className="table audit-diff" aria-label="Before and after">
          <thead>
            <tr>
              <th>What</th>
              <th>Before</th>
              <th>After</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ name, before, after, kind }) => (
              <tr key={name} className={kind}>
                <td className="cell">{name}</td>
                <td className="cell mono">{before === null ? "–" : <del>{before}</del>}</td>
                <td className="cell mono">{after === null ? "–" : <ins>{after}</ins>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <dl className="audit-facts">
        <Fact name="Hash">
          <span className="mono hash">{record.hash}</span>
          <CopyButton text={record.hash} label="Copy the hash" />
        </Fact>
        <Fact name="Follows">
          <span className="mono hash">{record.previous}</span>
        </Fact>
      </dl>
    </div>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
