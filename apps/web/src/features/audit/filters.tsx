"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useApi } from "../../trpc/client.ts";
import { cx } from "../../ui/cx.ts";
import { SearchField } from "../../ui/search-field.tsx";
import { KINDS } from "./entries.ts";
import { OUTCOMES, type Shown, WHENS } from "./shown.ts";

/** Narrows the record down; what is chosen stands in the address. */
export function Filters({
  fleet,
  shown,
  set,
  children,
}: {
  fleet: string;
  shown: Shown;
  set: (changes: Record<string, string | null>) => void;
  children: ReactNode;
}) {
  const api = useApi();
  const actors = useQuery(api.audit.actors.queryOptions({}));
  const who = [...new Set([...(actors.data ?? []), ...(shown.actor ? [shown.actor] : [])])];
  return (
    <div className="filters">
      <SearchField
        name="Search the record"
        placeholder="Action, person, gateway, or reason"
        value={shown.text}
        onChange={(q) => set({ q })}
      />
      <Choice
        name="Who"
        any="anyone"
        value={shown.actor}
        options={who.map((each) => [each, each])}
        onChange={(value) => set({ who: value })}
      />
      <Choice
        name="What"
        any="all actions"
        value={shown.action}
        options={Object.entries(KINDS)}
        onChange={(value) => set({ what: value })}
      />
      <Choice
        name="Outcome"
        any="any"
        value={shown.outcome}
        options={Object.entries(OUTCOMES)}
        onChange={(value) => set({ outcome: value })}
      />
      <Choice
        name="When"
        any="ever"
        value={shown.when}
        options={Object.entries(WHENS).map(([value, [word]]) => [value, word])}
        onChange={(value) => set({ when: value })}
      />
      <Choice
        name="Where"
        any="everywhere"
        value={shown.here ? "here" : null}
        options={[["here", fleet]]}
        onChange={(value) => set({ where: value })}
      />
      {children}
    </div>
  );
}

function Choice({
  name,
  any,
  value,
  options,
  onChange,
}: {
  name: string;
  /** What nothing chosen means. */
  any: string;
  value: string | null;
  options: readonly (readonly [value: string, word: string])[];
  onChange: (value: string | null) => void;
}) {
  return (
    <label className={cx("chip", value !== null && "on")}>
      {name}
      <select
        aria-label={name}
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value === "" ? null : event.target.value)}
      >
        <option value="">{any}</option>
        {options.map(([each, word]) => (
          <option key={each} value={each}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}
