"use client";

import type { FleetView } from "@chela/shared/fleet/view";
import { usePathname, useRouter } from "next/navigation";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { useFleet, useFleetChoice, useFleets } from "../../../features/fleet/live/live.tsx";
import { NewFleetSheet } from "../../../features/fleet/new-fleet-sheet.tsx";
import { gatewaysInWords } from "../../../features/fleet/topology/topology.tsx";
import { statusOfVerdict } from "../../../features/fleet/wording.ts";
import { useRoleLock } from "../../../features/viewer/viewer.ts";
import { Icon } from "../../../ui/icon.tsx";
import { isCurrent, PAGES } from "./pages.ts";

/** Which fleet every page shows, and the way to another one. */
export function FleetSwitch({ compact = false }: { compact?: boolean }) {
  const fleet = useFleet();
  const fleets = useFleets();
  const choice = useFleetChoice();
  const path = usePathname();
  const router = useRouter();
  const [making, setMaking] = useState(false);
  const locked = useRoleLock("admin", "console");
  const known = fleets.data?.items ?? [fleet];
  // On a narrow screen there is room for it only where there is something to switch.
  if (compact && known.length < 2) return null;
  const show = (name: string) => {
    if (name === fleet.fleet) return;
    choice.choose(name);
    // The same page of the other fleet, not one of its things: those are this fleet's.
    router.push(PAGES.find((page) => isCurrent(page, path))?.href ?? "/");
  };
  return (
    <>
      <DropdownMenu.Root onOpenChange={(open) => open && void fleets.refetch()}>
        {compact ? (
          <DropdownMenu.Trigger
            className="btn ghost icon"
            aria-label={`Fleet ${fleet.fleet}, switch fleet`}
          >
            <Icon name="hosts" />
          </DropdownMenu.Trigger>
        ) : (
          <DropdownMenu.Trigger className="fleet" aria-label={`Fleet ${fleet.fleet}, switch fleet`}>
            <span className="fleet-mark">
              <Icon name="hosts" />
            </span>
            <span className="fleet-t">
              <b className="trunc">{fleet.fleet}</b>
              <small>{gatewaysInWords(fleet)}</small>
            </span>
            <Icon name="chev-ud" className="dim" />
          </DropdownMenu.Trigger>
        )}
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align={compact ? "end" : "start"} sideOffset={6}>
            <DropdownMenu.RadioGroup value={fleet.fleet} onValueChange={show}>
              {known.map((each) => (
                <Choice key={each.fleet} fleet={each} />
              ))}
            </DropdownMenu.RadioGroup>
            {locked === null && (
              <DropdownMenu.Item className="menu-i" onSelect={() => setMaking(true)}>
                <Icon name="plus" />
                <span>New fleet</span>
              </DropdownMenu.Item>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {making && (
        <NewFleetSheet
          onClose={() => setMaking(false)}
          onMade={async (name) => {
            await fleets.refetch();
            choice.choose(name);
            router.push("/hosts");
          }}
        />
      )}
    </>
  );
}

function Choice({ fleet }: { fleet: FleetView }) {
  const { tone, icon, word } = statusOfVerdict(fleet.health.verdict);
  return (
    <DropdownMenu.RadioItem className="menu-i" value={fleet.fleet}>
      <span className={`fleet-st st ${tone}`} title={word}>
        <Icon name={icon} />
      </span>
      <span>
        {fleet.fleet}
        <small>{gatewaysInWords(fleet)}</small>
      </span>
      <DropdownMenu.ItemIndicator>
        <Icon name="check" size={14} />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.RadioItem>
  );
}
