"use client";

import { ButtonLink } from "../../ui/button.tsx";
import { useFleet } from "../fleet/live/live.tsx";
import { RolloutHistory } from "./history.tsx";
import { Releases } from "./releases.tsx";

/** Everything that was rolled out, and what is under way. */
export function RolloutsPage() {
  const fleet = useFleet();
  return (
    <>
      <div className="head">
        <div>
          <h1>Rollouts</h1>
          <p className="sub">
            {fleet.release ? (
              <>
                Release {fleet.release.number} runs:{" "}
                <span className="mono">{fleet.release.image}</span>
              </>
            ) : (
              "Each replaces the gateways one after another, standbys first."
            )}
          </p>
        </div>
        <div className="acts">
          <ButtonLink variant="primary" icon="plus" href="/rollouts/new">
            New rollout
          </ButtonLink>
        </div>
      </div>
      <RolloutHistory />
      <Releases />
    </>
  );
}
