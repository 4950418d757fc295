"use client";

import type { FleetView } from "@chela/shared/fleet/view";
import { cx } from "../../ui/cx.ts";
import { plural, span } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { useFleet, useFreshness } from "./live/live.tsx";
import { Sentence } from "./sentence.tsx";
import { statusOfVerdict } from "./wording.ts";

/** The fleet in words: is it fine, who is active, what is missing. */
export function HealthHeader() {
  const fleet = useFleet();
  const fresh = useFreshness();
  const stale = fresh.kind === "stale";
  const status = stale ? statusOfVerdict("unclear") : statusOfVerdict(fleet.health.verdict);
  const headline = stale ? "Unclear." : punctuated(fleet.health.headline);
  const names = [...fleet.gateways, ...fleet.hosts, ...fleet.edges].map((each) => each.name);
  return (
    <section className="health" aria-label="Fleet health">
      <div>
        <div className="line">
          <span className={cx(status.tone, "ic glyph")}>
            <Icon name={status.icon} size={20} className="glyph" />
          </span>
          <h1>
            <span className={cx(status.tone, "lead")}>{headline}</span>{" "}
            {stale ? (
              <>
                Nothing heard from the console for {span(fresh.ageMs)}; gateways go on without it.
                Before that: <Sentence text={fleet.health.sentence} names={names} />
              </>
            ) : (
              <Sentence text={fleet.health.sentence} names={names} />
            )}
          </h1>
        </div>
        <p className="facts">
          {fleet.health.notes.map((note) => (
            <span key={note}>{note}</span>
          ))}
          <span>
            {fleet.hosts.filter((host) => host.connected).length} of{" "}
            {plural(fleet.hosts.length, "agent")} reporting
          </span>
        </p>
      </div>
      <ShardBar fleet={fleet} />
    </section>
  );
}

/** One cell a shard; which gateway holds how many. */
function ShardBar({ fleet }: { fleet: FleetView }) {
  const holders = fleet.gateways.filter((gateway) => gateway.shards > 0);
  const { held, total } = fleet.shards;
  const cells = Array.from({ length: total }, (_, i) => (i < held ? "held" : "free"));
  return (
    <div className="up24">
      <div>
        <span>Shards held</span>
        <b>
          {held} of {total}
        </b>
      </div>
      <div
        className="upbar"
        role="img"
        aria-label={
          holders.map((each) => `${each.name} holds ${each.shards}`).join(", ") ||
          "no shard is held"
        }
      >
        {cells.map((cell, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the cell is the shard's place
          <i key={i} className={cell === "free" ? "w" : undefined} />
        ))}
      </div>
    </div>
  );
}

const punctuated = (headline: string) => (/[.!?]$/.test(headline) ? headline : `${headline}.`);
