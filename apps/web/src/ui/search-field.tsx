"use client";

import { useEffect, useRef, useState } from "react";
import { Keys } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { useSettled } from "./use-settled.ts";

const TYPING_PAUSE_MS = 250;

/** Asks once typing has paused. The slash key goes there from anywhere on the page. */
export function SearchField({
  name,
  placeholder,
  value,
  onChange,
}: {
  /** For assistive technology. */
  name: string;
  placeholder: string;
  value: string;
  onChange: (next: string) => void;
}) {
  const [text, setText] = useState(value);
  const settled = useSettled(text, TYPING_PAUSE_MS);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (settled && text !== value) onChange(text);
  }, [settled, text, value, onChange]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
      if (event.key !== "/" || typing) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <label className="input">
      <Icon name="search" />
      <input
        ref={field}
        className="bare"
        type="search"
        aria-label={name}
        placeholder={placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Keys of={["/"]} />
    </label>
  );
}
