"use client";

import type { LogLine } from "@chela/shared/fleet/view";
import { useEffect, useState } from "react";
import { useApiClient } from "../../trpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { atMilli } from "../../ui/format.ts";
import { readLogLine } from "./log-line.ts";

const TAIL = 6;
const FOLLOW_AGAIN_AFTER_MS = 1_500;

interface Shown {
  id: string;
  line: LogLine;
}

/** The last lines of a gateway's log, as they are written. */
export function LogTail({ fleet, gateway }: { fleet: string; gateway: string }) {
  const client = useApiClient();
  const [lines, setLines] = useState<readonly Shown[]>([]);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let stop = () => {};
    const follow = () => {
      setLines([]);
      // A log ends with its container: the next one's is followed then.
      const again = () => {
        retry = setTimeout(follow, FOLLOW_AGAIN_AFTER_MS);
      };
      const subscription = client.gateways.logs.subscribe(
        { fleet, gateway, tail: TAIL },
        {
          onData: ({ id, data }) =>
            setLines((before) => [...before, { id, line: data }].slice(-TAIL)),
          onError: again,
          onComplete: again,
        },
      );
      stop = () => subscription.unsubscribe();
    };
    follow();
    return () => {
      clearTimeout(retry);
      stop();
    };
  }, [client, fleet, gateway, held]);
  return (
    <div className="lane-log">
      <div className="log-h">
        <span>{gateway} log</span>
        <span className="r">
          <Button
            variant="ghost"
            size="sm"
            icon={held ? "play" : "pause"}
            onClick={() => setHeld(!held)}
          >
            {held ? "Follow" : "Hold"}
          </Button>
        </span>
      </div>
      <div className="log">
        {lines.length === 0 && <div className="dim">waiting for the next line</div>}
        {lines.map(({ id, line }) => {
          const { level, text } = readLogLine(line);
          return (
            <div key={id}>
              <time dateTime={line.at}>{atMilli(line.at)}</time>
              <span className={cx("lv", (level === "warn" || level === "error") && "w")}>
                {level}
              </span>
              <span title={text}>{text}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
