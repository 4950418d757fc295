"use client";

import { EVERY_FLEET, ROLES, type Roles, type ViewerRole } from "@chela/shared/access/roles";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { Choice } from "../../ui/field.tsx";
import { ROLE_WORDS } from "./wording.ts";

type MaybeRole = ViewerRole | "none";

const WITH_NONE: readonly (readonly [MaybeRole, string])[] = [
  ["none", "No role"],
  ...ROLES.map((role) => [role, `${ROLE_WORDS[role][0]}: ${ROLE_WORDS[role][1]}`] as const),
];
const GIVEN = ROLES.map((role) => [role, ROLE_WORDS[role][0]] as const);

/** A role for every fleet, and others for single ones. */
export function RolesInput({ value, onChange }: { value: Roles; onChange: (next: Roles) => void }) {
  const api = useApi();
  const fleets = useQuery(api.fleets.list.queryOptions());
  const known = fleets.data?.items.map(({ fleet }) => fleet) ?? [];
  const own = Object.entries(value).filter(([fleet]) => fleet !== EVERY_FLEET);
  const left = known.filter((fleet) => !Object.hasOwn(value, fleet));
  const [adding, setAdding] = useState<string | null>(null);
  const next = adding !== null && left.includes(adding) ? adding : left[0];
  const set = (fleet: string, role: MaybeRole) => {
    const { [fleet]: _, ...rest } = value;
    onChange(role === "none" ? rest : { ...rest, [fleet]: role });
  };
  return (
    <div className="roles">
      <Choice
        label="In every fleet"
        value={value[EVERY_FLEET] ?? "none"}
        options={WITH_NONE}
        onChange={(role) => set(EVERY_FLEET, role)}
      />
      {own.map(([fleet, role]) => (
        <div className="role-row" key={fleet}>
          <span className="mono trunc">{fleet}</span>
          <Choice
            hidden
            label={`Role in ${fleet}`}
            value={role}
            options={GIVEN}
            onChange={(given) => set(fleet, given)}
          />
          <Button
            variant="ghost"
            size="sm"
            square
            icon="x"
            aria-label={`No role of its own in ${fleet}`}
            onClick={() => set(fleet, "none")}
          />
        </div>
      ))}
      {next !== undefined && (
        <div className="role-add">
          {left.length > 1 && (
            <Choice
              hidden
              label="Fleet"
              value={next}
              options={left.map((fleet) => [fleet, fleet] as const)}
              onChange={setAdding}
            />
          )}
          <Button size="sm" icon="plus" onClick={() => set(next, "operator")}>
            A role of its own in {left.length > 1 ? "that fleet" : next}
          </Button>
        </div>
      )}
      <p className="note">
        In a fleet with a role of its own, that one counts, also where it is lower.
      </p>
    </div>
  );
}
