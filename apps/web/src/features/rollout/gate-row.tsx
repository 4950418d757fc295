"use client";

import type { ReactNode } from "react";
import { cx } from "../../ui/cx.ts";
import { clockTime, plural, span } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { StatusText } from "../../ui/status.tsx";
import { useConsoleNow } from "../fleet/live/live.tsx";
import type { StageGate } from "./stages.ts";

/** A gate among the lanes: passed, waiting for somebody or for a time, or still ahead. */
export function GateRow({
  gate,
  left,
  children,
}: {
  gate: StageGate;
  /** Gateways behind it. */
  left: number;
  /** What opens it. */
  children?: ReactNode;
}) {
  const now = useConsoleNow();
  const behind = left === 0 ? "The end" : `The ${plural(left, "gateway")} left`;
  const leftMs = gate.untilAt === null ? null : Math.max(0, Date.parse(gate.untilAt) - now);
  return (
    <section
      className={cx("gate", gate.state === "passed" && "ok", gate.state === "ahead" && "ahead")}
      aria-label={`Gate ${gate.number}`}
    >
      <Icon name="gate" />
      <div className="grow">
        <b>{headOf(gate)}</b>
        <small>
          {gate.state === "passed"
            ? gate.by.by === "approval"
              ? "Approved."
              : "Its time is over."
            : gate.by.by === "approval"
              ? `${behind} ${left === 1 || left === 0 ? "waits" : "wait"} for you. ${
                  gate.state === "waiting" ? "The new release serves its share meanwhile." : ""
                }`
              : `Goes on by itself after ${span(gate.by.ms)}.`}
        </small>
      </div>
      {gate.state === "waiting" && leftMs !== null && (
        <span className="num">{clockTime(leftMs)} left</span>
      )}
      {gate.state === "passed" && (
        <StatusText status={{ tone: "pass", icon: "st-pass", word: "passed" }} />
      )}
      {children}
    </section>
  );
}

function headOf({ state, number, by }: StageGate): string {
  if (state !== "waiting") return `Gate ${number}`;
  return by.by === "approval" ? `Stage ${number} waits for approval` : `Stage ${number} is watched`;
}
