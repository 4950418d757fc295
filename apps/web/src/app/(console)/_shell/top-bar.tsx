"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { Fragment } from "react";
import { useFreshness, useLive } from "../../../features/fleet/live/live.tsx";
import { ButtonLink, Keys } from "../../../ui/button.tsx";
import { span } from "../../../ui/format.ts";
import { Icon } from "../../../ui/icon.tsx";
import { FleetSwitch } from "./fleet-switch.tsx";
import { crumbsOf } from "./pages.ts";
import { usePalette } from "./palette.tsx";
import { ThemeMenu } from "./theme-menu.tsx";
import { UserMenu } from "./user-menu.tsx";

export function TopBar() {
  const path = usePathname();
  const fleet = useLive((state) => state.fleet?.fleet);
  const { open } = usePalette();
  return (
    <header className="top">
      <Link className="top-logo" href="/" aria-label="Chela">
        <Icon name="chela" className="logo" />
      </Link>
      <nav className="crumbs" aria-label="Breadcrumb">
        <Link href="/">{fleet ?? "Chela"}</Link>
        {crumbsOf(path).map((crumb) => (
          <Fragment key={crumb.word}>
            <span className="sep" aria-hidden="true">
              /
            </span>
            {crumb.href ? (
              <Link href={crumb.href}>{crumb.word}</Link>
            ) : (
              <span aria-current="page">{crumb.word}</span>
            )}
          </Fragment>
        ))}
      </nav>
      <div className="top-r">
        {path === "/" && (
          <ButtonLink size="sm" icon="rollouts" className="ov-roll" href="/rollouts/new">
            New rollout
          </ButtonLink>
        )}
        <button type="button" className="search-btn" aria-label="Search or open" onClick={open}>
          <Icon name="search" />
          <span>Search or open</span>
          <Keys of={["⌘", "K"]} />
        </button>
        <LiveChip />
        <ThemeMenu />
        <span className="only-narrow">
          {fleet !== undefined && <FleetSwitch compact />}
          <UserMenu compact />
        </span>
      </div>
    </header>
  );
}

/** How old what you see is. */
function LiveChip() {
  const fresh = useFreshness();
  const lost = useLive((state) => state.connection === "lost");
  switch (fresh.kind) {
    case "starting":
      return (
        <span className="live">
          <Icon name="st-run" size={14} className="spin" />
          <b>{lost ? "Reconnecting" : "Connecting"}</b>
        </span>
      );
    case "live":
      return (
        <span className="live" title="Since the console was last heard">
          <i className="live-dot" />
          <b>Live</b>
          <span className="age">{span(fresh.ageMs)} ago</span>
        </span>
      );
    case "reconnecting":
      return (
        <span className="live stale">
          <Icon name="st-run" size={14} className="spin" />
          <b>Reconnecting</b>
          <span className="age">{span(fresh.ageMs)} old</span>
        </span>
      );
    case "stale":
      return (
        <span className="live stale">
          <Icon name="clock" size={14} />
          <b>Stale</b>
          <span className="age">{span(fresh.ageMs)} old</span>
        </span>
      );
  }
}
