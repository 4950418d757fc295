"use client";

import type { SessionMessage } from "@chela/shared/fleet/view";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { cx } from "../../ui/cx.ts";
import { Empty, SkeletonRows } from "../../ui/feedback.tsx";
import { atSecond, count, plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { useFleet } from "../fleet/live/live.tsx";
import { useRefreshOnTraffic } from "../fleet/live/refresh.ts";
import { channelOf, seriesOf } from "../fleet/wording.ts";
import { masked, splitSession, type TranscriptRow, transcriptRows } from "./transcript-rows.ts";

/** One session's messages, who handled each, and where it was handed over. Contents only on request. */
export function Transcript({ session, onClose }: { session: string; onClose: () => void }) {
  const fleet = useFleet();
  const api = useApi();
  const [revealed, setRevealed] = useState(false);
  const detail = useQuery(api.sessions.get.queryOptions({ fleet: fleet.fleet, session }));
  useRefreshOnTraffic(detail.refetch);
  const { channel, peer } = splitSession(session);
  const messages = detail.data?.messages ?? [];
  const last = messages.at(-1);
  return (
    <aside className="card sess-d drawer-card" aria-label={`Transcript of ${session}`}>
      <div className="card-h line">
        <h2 className="mono trunc">{masked(peer)}</h2>
        <span className="tag">
          <Icon name={channelOf(channel).icon} />
          {channelOf(channel).word}
        </span>
        <div className="r">
          <CopyButton text={session} label="Copy the session's key" />
          <Button
            variant="ghost"
            size="sm"
            square
            icon="x"
            aria-label="Close the transcript"
            onClick={onClose}
          />
        </div>
      </div>
      <dl className="kv">
        <Fact name="Handled by" value={last?.gateway ?? "–"} />
        <Fact name="Shard" value={detail.data ? String(detail.data.shard) : "–"} />
        <Fact name="Epoch" value={count(last?.epoch)} />
        <Fact name="Messages" value={count(messages.length)} />
        <Fact name="First" value={messages[0] ? atSecond(messages[0].at) : "–"} />
        <Fact name="Last" value={last ? atSecond(last.at) : "–"} />
      </dl>
      <div className="card-h tr-h">
        <h3>Transcript</h3>
        <div className="r">
          {!revealed && <span>sizes only</span>}
          <Button
            variant="ghost"
            size="sm"
            icon="lock"
            aria-pressed={revealed}
            onClick={() => setRevealed(!revealed)}
          >
            {revealed ? "Hide" : "Reveal"}
          </Button>
        </div>
      </div>
      {detail.isPending ? (
        <SkeletonRows />
      ) : detail.isError ? (
        <Empty
          icon="st-fail"
          bad
          title="The transcript can't be read"
          actions={<Button onClick={() => void detail.refetch()}>Try again</Button>}
        >
          {faultOf(detail.error).sentence}
        </Empty>
      ) : messages.length === 0 ? (
        <Empty icon="sessions" title="Nothing committed yet">
          A message appears here once its reply stands in Redis.
        </Empty>
      ) : (
        <ol className="tr">
          {transcriptRows(messages).map((row, i) => (
            <Row
              // biome-ignore lint/suspicious/noArrayIndexKey: a transcript only grows at its end
              key={i}
              row={row}
              revealed={revealed}
              series={(gateway) => seriesOf(gateway, fleet.gateways)}
            />
          ))}
        </ol>
      )}
    </aside>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

function Row({
  row,
  revealed,
  series,
}: {
  row: TranscriptRow;
  revealed: boolean;
  series: (gateway: string) => number;
}) {
  if (row.kind === "handover") {
    return (
      <li className={`hand g${series(row.to)}`}>
        <time dateTime={row.at}>{atSecond(row.at)}</time>
        <span className="pt">
          <Icon name="swap" />
        </span>
        <div>
          <p>
            <b>
              {row.from === row.to
                ? `Taken up again by ${row.to}`
                : `Handed over ${row.from} to ${row.to}`}
            </b>
          </p>
          <div className="wh">epoch {count(row.epoch)}</div>
        </div>
      </li>
    );
  }
  const { message } = row;
  return (
    <li
      className={cx(
        message.role === "user" ? "in" : "out",
        `g${series(message.gateway)}`,
        message.role === "error" && "bad",
      )}
    >
      <time dateTime={message.at}>{atSecond(message.at)}</time>
      <span className="pt" />
      <div>
        <p className={cx(revealed && "said")}>{revealed ? message.text : inWords(message)}</p>
        <div className="wh">
          <span className="mono">{message.gateway}</span>
          <span>
            {message.role === "user" ? "handled" : message.role === "error" ? "failed" : "answered"}{" "}
            at epoch {count(message.epoch)}
          </span>
        </div>
      </div>
    </li>
  );
}

const KINDS: Record<SessionMessage["role"], string> = {
  user: "Message in",
  assistant: "Reply",
  error: "Error",
};
const inWords = (message: SessionMessage) =>
  `${KINDS[message.role]}, ${plural(message.text.length, "character")}`;
