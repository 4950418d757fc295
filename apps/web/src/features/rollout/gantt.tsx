import { Icon } from "../../ui/icon.tsx";
import { statusOfRole } from "../fleet/wording.ts";
import type { Schedule } from "./schedule.ts";

/** A plan as bars on one scale; said in words by the order below it. */
export function Gantt({ times }: { times: Schedule }) {
  const percent = (ms: number) => `${(ms / Math.max(1, times.totalMs)) * 100}%`;
  return (
    <div className="gantt" aria-hidden="true">
      {times.rows.map((row, i) => (
        <div className="gantt-row" key={row.gateway}>
          <div className="gl2">
            <b>{row.gateway}</b>
            <small>
              {statusOfRole(row.role).word.toLowerCase()}, {row.host}
            </small>
          </div>
          <div className="gr">
            {row.bars.map((bar) => (
              <i
                key={bar.kind}
                className={`g-${bar.kind}`}
                style={{ left: percent(bar.startMs), width: percent(bar.ms), minWidth: 3 }}
              />
            ))}
            {times.gates.map((gate) => (
              <span className="gt" key={gate.after} style={{ left: percent(gate.atMs) }}>
                {i === 0 && <Icon name="gate" />}
              </span>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}
