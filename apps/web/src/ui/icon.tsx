/** The console's own marks on a 16 px grid: status shapes differ in silhouette, colour only repeats what they say. */
import type { ReactNode } from "react";

const line = (children: ReactNode) => (
  <g
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinecap="round"
    strokeLinejoin="round"
  >
    {children}
  </g>
);

const MARKS = {
  activity: line(
    <>
      <path d="M5.8 3.6h8M5.8 8h8M5.8 12.4h8" />
      <path d="M2.4 3.6h.01M2.4 8h.01M2.4 12.4h.01" strokeWidth="2" />
    </>,
  ),
  "arrow-r": line(<path d="M2.8 8h10.4M9.2 4l4 4-4 4" />),
  back: line(
    <>
      <path d="M2.6 3.2v3.6h3.6" />
      <path d="M2.9 6.8A5.5 5.5 0 1 1 2.6 9.2" />
    </>,
  ),
  bolt: line(<path d="M8.8 1.8 3.4 9h4l-.6 5.2L12.4 7h-4.1Z" />),
  box: line(
    <>
      <path d="M8 1.8 13.6 4.9v6.2L8 14.2l-5.6-3.1V4.9Z" />
      <path d="M2.6 5 8 8l5.4-3M8 8v6" />
    </>,
  ),
  check: line(<path d="m3.4 8.4 3 3 6.2-6.6" />),
  chela: (
    <>
      <path
        d="M13.9 3.3A6.7 6.7 0 1 0 8.2 14.7C5.9 12.6 5.5 9.3 7.2 7.1 8.6 5.2 11.1 4.9 13.9 3.3Z"
        fill="currentColor"
      />
      <path
        d="M14.7 6.3c-1.5 1.1-3.3 1.1-4.5 2.3-1.3 1.3-1.3 3.3-.2 4.7a6.7 6.7 0 0 0 4.7-7Z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.25"
        strokeLinejoin="round"
      />
    </>
  ),
  "chev-d": line(<path d="m4.5 6.3 3.5 3.5 3.5-3.5" />),
  "chev-ud": line(<path d="m5 6.2 3-3 3 3M5 9.8l3 3 3-3" />),
  clock: line(
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M8 4.6V8l2.3 1.5" />
    </>,
  ),
  copy: line(
    <>
      <rect x="5.4" y="5.4" width="8" height="8" rx="1.5" />
      <path d="M10.6 5.4V3.6a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h1.8" />
    </>,
  ),
  discord: line(
    <>
      <path d="M5.3 3.6c1.8-.6 3.6-.6 5.4 0l1.6-.4c1.3 2.3 2 4.9 1.9 7.8-1 .9-2 1.4-3.2 1.8l-.9-1.6c-1.4.4-2.8.4-4.2 0L5 12.8C3.8 12.4 2.8 11.9 1.8 11c-.1-2.9.6-5.5 1.9-7.8Z" />
      <path d="M6 8.2v.5M10 8.2v.5" strokeWidth="1.9" />
    </>,
  ),
  dots: (
    <g fill="currentColor">
      <circle cx="3.4" cy="8" r="1.2" />
      <circle cx="8" cy="8" r="1.2" />
      <circle cx="12.6" cy="8" r="1.2" />
    </g>
  ),
  edge: line(
    <>
      <circle cx="3.2" cy="8" r="1.5" />
      <circle cx="12.8" cy="3.6" r="1.5" />
      <circle cx="12.8" cy="12.4" r="1.5" />
      <path d="M4.7 8h1.5c2.6 0 2.2-4.4 5-4.4M6.2 8c2.6 0 2.2 4.4 5 4.4" />
    </>,
  ),
  gate: line(<path d="M8 1.8 14.2 8 8 14.2 1.8 8Z" />),
  hosts: line(
    <>
      <rect x="2" y="2.4" width="12" height="4.8" rx="1.2" />
      <rect x="2" y="8.8" width="12" height="4.8" rx="1.2" />
      <path d="M4.7 4.8h.01M4.7 11.2h.01M7.4 4.8h3.8M7.4 11.2h3.8" />
    </>,
  ),
  info: line(
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M8 7.4v3.4" />
      <path d="M8 5.1h.01" strokeWidth="2" />
    </>,
  ),
  lock: line(
    <>
      <rect x="3.2" y="7" width="9.6" height="6.6" rx="1.4" />
      <path d="M5.2 7V5.2a2.8 2.8 0 0 1 5.6 0V7" />
    </>,
  ),
  moon: line(<path d="M13.6 9.6A5.9 5.9 0 0 1 6.4 2.4a5.9 5.9 0 1 0 7.2 7.2Z" />),
  nginx: line(
    <>
      <path d="M8 1.6 13.6 4.8v6.4L8 14.4l-5.6-3.2V4.8Z" />
      <path d="M5.8 10.4V5.6l4.4 4.8V5.6" />
    </>,
  ),
  overview: line(<path d="M1.8 8.6h2.7l1.9-5 3 9 1.9-5.6.5 1.6h2.4" />),
  pause: line(<path d="M5.4 3.4v9.2M10.6 3.4v9.2" />),
  play: line(<path d="M4.6 2.9v10.2L12.8 8Z" />),
  plus: line(<path d="M8 3v10M3 8h10" />),
  promote: line(
    <>
      <path d="M8 10.6V2.6M4.4 6.2 8 2.6l3.6 3.6" />
      <path d="M3 13.4h10" />
    </>,
  ),
  redis: line(
    <>
      <ellipse cx="8" cy="4" rx="5.6" ry="2.2" />
      <path d="M2.4 4v4c0 1.2 2.5 2.2 5.6 2.2s5.6-1 5.6-2.2V4" />
      <path d="M2.4 8v4c0 1.2 2.5 2.2 5.6 2.2s5.6-1 5.6-2.2V8" />
    </>,
  ),
  rollouts: line(
    <>
      <path d="m8 1.9 6 3-6 3-6-3Z" />
      <path d="m2 8 6 3 6-3" />
      <path d="m2 11.1 6 3 6-3" />
    </>,
  ),
  search: line(
    <>
      <circle cx="7" cy="7" r="4.6" />
      <path d="m10.5 10.5 3.3 3.3" />
    </>,
  ),
  sessions: line(
    <>
      <path d="M2 3.2h8.2a1 1 0 0 1 1 1v4.2a1 1 0 0 1-1 1H6L3.4 11.6V9.4H3a1 1 0 0 1-1-1Z" />
      <path d="M13.9 6.2v6a1 1 0 0 1-1 1h-.6v1.6l-2.3-1.6H7.6" />
    </>,
  ),
  slack: line(<path d="M6 1.9 4.6 14.1M11.4 1.9 10 14.1M2.2 5.6h12M1.8 10.4h12" />),
  "st-active": (
    <>
      <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <circle cx="8" cy="8" r="3.4" fill="currentColor" />
    </>
  ),
  "st-draining": (
    <>
      <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M3.2 8.6h9.6A4.8 4.8 0 0 1 8 12.8a4.8 4.8 0 0 1-4.8-4.2Z" fill="currentColor" />
    </>
  ),
  "st-fail": (
    <>
      <path
        d="M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2Z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
      <path
        d="m5.9 5.9 4.2 4.2m0-4.2-4.2 4.2"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
      />
    </>
  ),
  "st-healthy": (
    <>
      <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path
        d="m5.3 8.2 1.9 1.9 3.6-4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  "st-pass": (
    <path
      d="m3.4 8.4 3 3 6.2-6.6"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  "st-run": (
    <>
      <circle
        cx="8"
        cy="8"
        r="6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        opacity=".28"
      />
      <path
        d="M8 2a6 6 0 0 1 6 6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
      />
    </>
  ),
  "st-skip": line(
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M5.2 8h5.6" />
    </>,
  ),
  "st-standby": (
    <>
      <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path
        d="M6.4 5.9v4.2M9.6 5.9v4.2"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
      />
    </>
  ),
  "st-unhealthy": (
    <>
      <path
        d="M8 1.2 14.8 8 8 14.8 1.2 8Z"
        fill="currentColor"
        stroke="currentColor"
        strokeWidth="1"
        strokeLinejoin="round"
      />
      <path d="M8 4.8v3.8" stroke="var(--color-panel)" strokeWidth="1.7" strokeLinecap="round" />
      <circle cx="8" cy="11" r="1" fill="var(--color-panel)" />
    </>
  ),
  "st-unreachable": (
    <>
      <circle
        cx="8"
        cy="8"
        r="6.25"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        stroke-dasharray="2.6 2.3"
      />
      <path d="M4.4 11.6 11.6 4.4" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  "st-wait": (
    <circle
      cx="8"
      cy="8"
      r="6"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      stroke-dasharray="1 2.75"
      strokeLinecap="round"
    />
  ),
  "st-warn": (
    <>
      <path
        d="M8 2.2 14.4 13.2H1.6Z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
      <path d="M8 6.6v2.8" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
      <circle cx="8" cy="11.3" r=".85" fill="currentColor" />
    </>
  ),
  sun: line(
    <>
      <circle cx="8" cy="8" r="2.9" />
      <path d="M8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M12.5 3.5l-.8.8M4.3 11.7l-.8.8" />
    </>,
  ),
  swap: line(
    <>
      <path d="M2.4 5.4h10.8M10.4 2.6l2.8 2.8-2.8 2.8" />
      <path d="M13.6 10.8H2.8M5.6 8l-2.8 2.8 2.8 2.8" />
    </>,
  ),
  telegram: line(
    <>
      <path d="M14 2.4 1.9 7.2l4 1.6 1.6 4.6 2.3-2.7 3 2.2Z" />
      <path d="M14 2.4 5.9 8.8" />
    </>,
  ),
  terminal: line(<path d="m3 4.4 3.6 3.6L3 11.6M8.4 12h4.8" />),
  trash: line(<path d="M2.8 4.4h10.4M6.4 4.4V2.6h3.2v1.8M4.2 4.4l.6 9h6.4l.6-9M6.8 7v4M9.2 7v4" />),
  user: line(
    <>
      <circle cx="8" cy="5.4" r="2.8" />
      <path d="M2.8 13.8c.6-2.7 2.6-4.1 5.2-4.1s4.6 1.4 5.2 4.1" />
    </>,
  ),
  whatsapp: line(
    <>
      <path d="m2 14 .9-3.1A6 6 0 1 1 5.2 13.2Z" />
      <path d="M6 5.8c0 2.4 1.9 4.2 4.2 4.2l.5-1.3-1.5-.7-.6.6c-.6-.3-1.1-.8-1.4-1.4l.6-.6-.6-1.4Z" />
    </>,
  ),
  ws: line(<path d="M5.4 2v3.2M10.6 2v3.2M3.4 5.2h9.2v2.4a4.6 4.6 0 0 1-9.2 0ZM8 12.2V14.4" />),
  x: line(<path d="m4 4 8 8M12 4l-8 8" />),
} as const satisfies Record<string, ReactNode>;

export type IconName = keyof typeof MARKS;

/** `label` makes it speak; without one it is decoration beside a word. */
export function Icon({
  name,
  size,
  label,
  className,
}: {
  name: IconName;
  size?: 12 | 14 | 20;
  label?: string | undefined;
  className?: string | undefined;
}) {
  const classes = ["i", size ? `s${size}` : "", className ?? ""].filter(Boolean).join(" ");
  return label ? (
    <svg className={classes} viewBox="0 0 16 16" role="img" aria-label={label}>
      {MARKS[name]}
    </svg>
  ) : (
    <svg className={classes} viewBox="0 0 16 16" aria-hidden="true">
      {MARKS[name]}
    </svg>
  );
}
