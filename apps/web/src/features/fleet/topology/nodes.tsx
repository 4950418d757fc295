"use client";

import type { EdgeView, RedisView } from "@chela/shared/fleet/view";
import { bytes, count, decimal } from "../../../ui/format.ts";
import { Icon } from "../../../ui/icon.tsx";
import { channelOf, statusOfHealth } from "../wording.ts";
import type { Placed } from "./layout.ts";

const at = ({ top, height }: Placed) => ({ top, height });

const Facts = ({ of }: { of: readonly (readonly [name: string, value: string])[] }) => (
  <dl>
    {of.map(([name, value]) => (
      <Fact key={name} name={name} value={value} />
    ))}
  </dl>
);
const Fact = ({ name, value }: { name: string; value: string }) => (
  <>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </>
);

export function ChannelNode({
  channel,
  perHour,
  place,
}: {
  channel: string;
  perHour: number | null;
  place: Placed;
}) {
  const { word, icon } = channelOf(channel);
  return (
    <div className="node ch" style={at(place)}>
      <Icon name={icon} />
      <b>{word}</b>
      {perHour !== null && <small>{count(perHour)}/h</small>}
    </div>
  );
}

export function EdgeNode({
  edge,
  perSecond,
  p99Ms,
  place,
}: {
  edge: EdgeView;
  perSecond: number;
  p99Ms: number | null;
  place: Placed;
}) {
  const status = statusOfHealth(edge.health);
  return (
    <div className="node" style={at(place)} title={edge.healthReason ?? edge.url}>
      <div className="nh">
        <Icon name="nginx" />
        <span className="mono trunc">{edge.name}</span>
        <span className={`r st ${status.tone}`}>
          <Icon name={status.icon} size={14} label={status.word} />
        </span>
      </div>
      <Facts
        of={[
          ["in", `${decimal(perSecond)}/s`],
          ["accept p99", p99Ms === null ? "–" : `${Math.round(p99Ms)} ms`],
          ["upstreams", count(edge.upstreams.length)],
          ["reloads", count(edge.reloads)],
        ]}
      />
    </div>
  );
}

export function RedisNode({ redis, place }: { redis: RedisView; place: Placed }) {
  return (
    <div className="node" style={at(place)} title={redis.reason ?? undefined}>
      <div className="nh">
        <Icon name="redis" />
        <span className="mono">redis</span>
        <span className={`r st ${redis.reachable ? "healthy" : "unhealthy"}`}>
          <Icon
            name={redis.reachable ? "st-healthy" : "st-unhealthy"}
            size={14}
            label={redis.reachable ? "reachable" : "unreachable"}
          />
        </span>
      </div>
      {redis.reachable ? (
        <Facts
          of={[
            ["role", redis.role ?? "–"],
            ["version", redis.version ?? "–"],
            ["ops", redis.opsPerSecond === null ? "–" : `${decimal(redis.opsPerSecond)}/s`],
            ["answers in", redis.latencyMs === null ? "–" : `${redis.latencyMs.toFixed(1)} ms`],
            ["memory", bytes(redis.usedMemoryBytes)],
          ]}
        />
      ) : (
        <p className="node-why">{redis.reason ?? "Does not answer."}</p>
      )}
    </div>
  );
}
