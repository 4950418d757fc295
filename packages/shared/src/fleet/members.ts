import { MEMBER_TTL_MS, type Member } from "../lease/schema.ts";
import type { Observation } from "./observation.ts";

/** Of two incarnations of one name the later start counts; one without a fresh heartbeat counts as gone. */
export function newestMember(seen: Observation, name: string): Member | undefined {
  return seen.redis.members
    .filter((member) => member.name === name && isLive(seen, member))
    .sort((a, b) => b.since - a.since)[0];
}

/** Who holds a lease, while that incarnation's heartbeat is fresh. */
export function liveMember(
  seen: Observation,
  lease: { holder: string; incarnation: string },
): Member | undefined {
  return seen.redis.members.find(
    (member) =>
      member.name === lease.holder &&
      member.incarnation === lease.incarnation &&
      isLive(seen, member),
  );
}

const isLive = (seen: Observation, member: Member) =>
  seen.redis.nowMs !== null && seen.redis.nowMs - member.at <= MEMBER_TTL_MS;
