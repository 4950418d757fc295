"use client";

import { useState } from "react";
import { Button } from "./button.tsx";

/** Copies `text`; where the browser forbids it (no https), selects nothing and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<"idle" | "done" | "refused">("idle");
  return (
    <>
      <Button
        variant="ghost"
        size="sm"
        square
        icon={state === "done" ? "check" : "copy"}
        aria-label={label}
        onClick={async () => {
          try {
            await navigator.clipboard.writeText(text);
            setState("done");
          } catch {
            setState("refused");
          }
        }}
      />
      <span className="sr" role="status">
        {state === "done"
          ? "Copied"
          : state === "refused"
            ? "Not allowed: select the text and copy it"
            : ""}
      </span>
    </>
  );
}
