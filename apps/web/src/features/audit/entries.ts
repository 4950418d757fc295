import type { AuditRecord } from "@chela/shared/fleet/view";
import type { IconName } from "../../ui/icon.tsx";

/** Pure: audit records in words, by day. */
const ACTIONS: Record<string, readonly [word: string, icon: IconName]> = {
  "failover.switchover": ["Switch over to", "swap"],
  "failover.failover": ["Force failover to", "bolt"],
  "rollouts.start": ["Start a rollout", "rollouts"],
  "rollouts.rollback": ["Roll back", "back"],
  "operations.pause": ["Pause an operation", "pause"],
  "operations.resume": ["Resume an operation", "play"],
  "operations.approve": ["Approve a stage", "check"],
  "operations.abort": ["Stop an operation", "back"],
  "hosts.createJoinToken": ["Create a join token", "hosts"],
  "hosts.join": ["Host joined", "hosts"],
  "hosts.revoke": ["Revoke a host", "trash"],
  "hosts.cordon": ["Cordon a host", "lock"],
  "hosts.uncordon": ["Uncordon a host", "play"],
  "gateway-create": ["Add a gateway", "plus"],
  "gateway-remove": ["Remove a gateway", "trash"],
  "gateway-restart": ["Restart a gateway", "back"],
  "gateway-drain": ["Drain a gateway", "st-draining"],
  "gateway-undrain": ["Undrain a gateway", "play"],
  "edges.apply": ["Apply the edge configuration", "edge"],
  login: ["Sign in", "user"],
  logout: ["Sign out", "user"],
};

export function actionInWords(action: string): { word: string; icon: IconName } {
  const [word, icon] = ACTIONS[action] ?? [action, "activity"];
  return { word, icon };
}

export interface Day {
  day: string;
  records: AuditRecord[];
}

/** Consecutive records of one local day together; keeps the order given. */
export function byDay(records: readonly AuditRecord[], dayOf: (iso: string) => string): Day[] {
  const days: Day[] = [];
  for (const record of records) {
    const day = dayOf(record.at);
    const last = days.at(-1);
    if (last?.day === day) last.records.push(record);
    else days.push({ day, records: [record] });
  }
  return days;
}

/** Two letters for a name or an address: "mira.kovac@example.com" → "MK". */
export function initials(name: string): string {
  const words = (name.split("@")[0] ?? name).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const letters =
    words.length > 1
      ? words.slice(0, 2).map((word) => word.charAt(0))
      : [(words[0] ?? "?").slice(0, 2)];
  return letters.join("").toUpperCase();
}
