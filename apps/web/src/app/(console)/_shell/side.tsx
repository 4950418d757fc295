"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useFleet, useFreshness, useLive } from "../../../features/fleet/live/live.tsx";
import { statusOfRole, statusOfVerdict } from "../../../features/fleet/wording.ts";
import { Keys } from "../../../ui/button.tsx";
import { count, span } from "../../../ui/format.ts";
import { Icon } from "../../../ui/icon.tsx";
import { FleetSwitch } from "./fleet-switch.tsx";
import { isCurrent, PAGES, type PageEntry } from "./pages.ts";
import { UserMenu } from "./user-menu.tsx";

const GROUPS = ["Fleet", "Infrastructure", "Record", "Console"] as const;

export function Side() {
  const path = usePathname();
  const known = useLive((state) => state.fleet !== null);
  return (
    <aside className="side" aria-label="Navigation">
      <Link className="brand" href="/">
        <Icon name="chela" className="logo" />
        <span>Chela</span>
      </Link>
      {known && <FleetSwitch />}
      <nav aria-label="Pages">
        {GROUPS.map((group) => (
          <div className="nav-g" key={group}>
            <h2>{group}</h2>
            {PAGES.filter((page) => page.group === group).map((page) => (
              <Link
                key={page.href}
                href={page.href}
                aria-current={isCurrent(page, path) ? "page" : undefined}
              >
                <Icon name={page.icon} />
                <span>{page.word}</span>
                {known && <Figure page={page} />}
                <Keys of={["G", page.key]} />
              </Link>
            ))}
          </div>
        ))}
      </nav>
      <div className="side-foot">
        {known && <Pulse />}
        <UserMenu />
      </div>
    </aside>
  );
}

function Figure({ page }: { page: PageEntry }) {
  const sessions = useFleet().sessions.total;
  const rolling = useLive((state) =>
    Object.values(state.operations).some(
      (operation) => operation.rollout !== null && operation.endedAt === null,
    ),
  );
  if (page.href === "/sessions") return <em aria-hidden="true">{count(sessions)}</em>;
  if (page.href === "/rollouts" && rolling) return <em>running</em>;
  return null;
}

/** The fleet at a glance, on every page. */
function Pulse() {
  const fleet = useFleet();
  const fresh = useFreshness();
  const stale = fresh.kind === "stale";
  const status = statusOfVerdict(stale ? "unclear" : fleet.health.verdict);
  const epoch = Math.max(0, ...fleet.gateways.map((gateway) => gateway.epoch ?? 0));
  return (
    <Link className="pulse" href="/" aria-label="Fleet pulse">
      <span className="pulse-h">
        <span className={`st ${status.tone}`}>
          <Icon name={status.icon} />
          {status.word}
        </span>
        <span className="age">{fresh.kind === "starting" ? "" : `${span(fresh.ageMs)} ago`}</span>
      </span>
      <span className="pulse-g">
        {fleet.gateways.map((gateway) => {
          const role = statusOfRole(gateway.role);
          return (
            <span
              key={gateway.name}
              className={`st ${stale ? "wait" : role.tone}`}
              title={`${gateway.name} ${role.word.toLowerCase()}`}
            >
              <Icon name={role.icon} />
              <b>{gateway.name}</b>
            </span>
          );
        })}
      </span>
      <span className="pulse-f">
        <span>
          epoch <b>{epoch > 0 ? count(epoch) : "–"}</b>
        </span>
        <span>
          {fleet.shards.held}/{fleet.shards.total} shards
        </span>
      </span>
    </Link>
  );
}
