"use client";

import { type ReactNode, useEffect, useState } from "react";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./icon.tsx";
import type { Tone } from "./status.tsx";

/** A note that belongs to what is around it. */
export const Callout = ({
  tone,
  icon,
  children,
  className,
  role,
}: {
  tone?: Tone;
  icon: IconName;
  children: ReactNode;
  className?: string;
  role?: "alert" | "status";
}) => (
  <div className={cx("callout", tone, className)} role={role}>
    <Icon name={icon} className={icon === "st-run" ? "spin" : undefined} />
    <div>{children}</div>
  </div>
);

/** Nothing here, or nothing to be had: what, why, and what to do. */
export const Empty = ({
  icon,
  bad,
  title,
  children,
  actions,
}: {
  icon: IconName;
  bad?: boolean;
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}) => (
  <div className="empty" role={bad ? "alert" : undefined}>
    <span className={cx("big", bad && "unhealthy")}>
      <Icon name={icon} />
    </span>
    <h3>{title}</h3>
    <p>{children}</p>
    {actions && <div className="row">{actions}</div>}
  </div>
);

const APPEARS_AFTER_MS = 300;

/** Its children only if the wait is long enough to be noticed: a flash of grey says nothing. */
export function Later({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), APPEARS_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return shown ? children : null;
}

const WIDTHS = ["42%", "36%", "48%", "30%", "40%", "34%"] as const;

/** Rows to come, at the height they will have. */
export const SkeletonRows = ({ rows = 4 }: { rows?: number }) => (
  <Later>
    <div className="skel-rows" aria-busy="true" role="status" aria-label="Loading">
      {WIDTHS.slice(0, rows).map((width) => (
        <div className="row between" key={width}>
          <span className="skel" style={{ width }} />
          <span className="skel" style={{ width: "14%" }} />
        </div>
      ))}
    </div>
  </Later>
);
