"use client";

import type { ReactNode } from "react";
import { Toaster, toast } from "sonner";
import { Icon, type IconName } from "./icon.tsx";
import type { Tone } from "./status.tsx";

const SHOWN_MS = 6_000;

/** Bottom right; failures stay until they are dismissed. */
export const Toasts = () => (
  <Toaster position="bottom-right" gap={10} duration={SHOWN_MS} toastOptions={{ unstyled: true }} />
);

const ICONS: Partial<Record<Tone, IconName>> = {
  pass: "st-healthy",
  warn: "st-warn",
  fail: "st-fail",
};

export function showToast(
  tone: "pass" | "warn" | "fail",
  title: string,
  detail?: string,
  action?: ReactNode,
): void {
  toast.custom(
    (id) => (
      <div className="toast">
        <span className={`ic ${tone}`}>
          <Icon name={ICONS[tone] ?? "info"} />
        </span>
        <p>
          <b>{title}</b>
          {detail}
        </p>
        {action ?? (
          <button
            type="button"
            className="btn ghost icon sm"
            aria-label="Dismiss"
            onClick={() => toast.dismiss(id)}
          >
            <Icon name="x" />
          </button>
        )}
      </div>
    ),
    { duration: tone === "fail" ? Number.POSITIVE_INFINITY : SHOWN_MS },
  );
}
