import type { Wire, WireKind } from "./layout.ts";

const CLASS: Record<WireKind, string> = {
  in: "wire in",
  live: "wire live",
  accepts: "wire in",
  idle: "wire idle",
  dead: "wire dead",
};
const FLOW: Partial<Record<WireKind, string>> = {
  in: "flow in",
  live: "flow",
  accepts: "flow in slow",
};

const WIDTH_MIN = 1.25;
const WIDTH_MAX = 4;

/** Width says how much, motion that it happens now: none without traffic, none when the figures are old. */
export function Wires({
  wires,
  height,
  perSecond,
  moving,
}: {
  wires: readonly Wire[];
  height: number;
  perSecond: number;
  moving: boolean;
}) {
  const share = Math.min(WIDTH_MAX, WIDTH_MIN + Math.sqrt(perSecond) / 3);
  const pace = perSecond > 20 ? " fast" : perSecond < 1 ? " slow" : "";
  return (
    <svg viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {wires.map((wire) => {
        const d = `M0 ${wire.from}C50 ${wire.from} 50 ${wire.to} 100 ${wire.to}`;
        const thin = wire.kind === "idle" || wire.kind === "dead" || wire.kind === "accepts";
        const flow = moving && perSecond > 0 ? FLOW[wire.kind] : undefined;
        return (
          <g key={wire.id}>
            <path className={CLASS[wire.kind]} d={d} strokeWidth={thin ? WIDTH_MIN : share} />
            {flow && (
              <path
                className={flow + (wire.kind === "accepts" ? "" : pace)}
                d={d}
                strokeWidth={wire.kind === "live" ? 2 : 1.5}
                opacity={wire.kind === "accepts" ? 0.45 : 0.8}
              />
            )}
          </g>
        );
      })}
    </svg>
  );
}
