"use client";

import { ButtonLink } from "../../../ui/button.tsx";
import { plural } from "../../../ui/format.ts";
import { Icon } from "../../../ui/icon.tsx";
import { useFleet } from "../live/live.tsx";
import { Sentence } from "../sentence.tsx";

/** Where the fleet is not what it shall be; nothing where it is. */
export function Drift({ linked }: { linked: boolean }) {
  const fleet = useFleet();
  if (fleet.drift.length === 0) return null;
  const names = [...fleet.gateways, ...fleet.hosts, ...fleet.edges].map((each) => each.name);
  return (
    <section className="banner warn" aria-label="Drift">
      <Icon name="st-warn" />
      <div className="drift">
        <b>{plural(fleet.drift.length, "difference")} between what is asked for and what runs</b>
        <ul>
          {fleet.drift.map((sentence) => (
            <li key={sentence}>
              <Sentence text={sentence} names={names} />
            </li>
          ))}
        </ul>
      </div>
      {linked && (
        <div className="r">
          <ButtonLink size="sm" href="/settings/spec">
            Fleet spec
          </ButtonLink>
        </div>
      )}
    </section>
  );
}
