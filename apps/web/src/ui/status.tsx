import { cx } from "./cx.ts";
import { Icon, type IconName } from "./icon.tsx";

/** Colour class of a status; the icon and the word carry the meaning. */
export type Tone =
  | "active"
  | "standby"
  | "draining"
  | "unhealthy"
  | "unreachable"
  | "healthy"
  | "pass"
  | "warn"
  | "fail"
  | "run"
  | "wait";

export interface Status {
  tone: Tone;
  icon: IconName;
  word: string;
}

const spins = (icon: IconName) => (icon === "st-run" ? "spin" : undefined);

/** Status as a pill. */
export const Badge = ({ status, size = "sm" }: { status: Status; size?: "sm" | "md" }) => (
  <span className={cx("badge", status.tone, size === "sm" && "sm")}>
    <Icon name={status.icon} className={spins(status.icon)} />
    {status.word}
  </span>
);

/** Status within a line of text. */
export const StatusText = ({ status, className }: { status: Status; className?: string }) => (
  <span className={cx("st", status.tone, className)}>
    <Icon name={status.icon} size={14} className={spins(status.icon)} />
    {status.word}
  </span>
);
