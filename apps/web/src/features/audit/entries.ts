import type { AuditRecord } from "@chela/shared/audit/record";
import type { IconName } from "../../ui/icon.tsx";
import type { Status } from "../../ui/status.tsx";

/** Pure: audit records in words, by day. */
const ACTIONS: Record<string, readonly [word: string, icon: IconName]> = {
  "failover.switchover": ["Switch over to", "swap"],
  "failover.failover": ["Force failover to", "bolt"],
  "failover.execute": ["Promote", "swap"],
  "failover.pause": ["Pause automatic failover of", "pause"],
  "failover.resume": ["Resume automatic failover of", "play"],
  "failover.acknowledge": ["Acknowledge the moves of", "check"],
  "rollouts.start": ["Start a rollout of", "rollouts"],
  "rollouts.rollback": ["Roll back", "back"],
  "rollouts.pause": ["Pause", "pause"],
  "rollouts.resume": ["Resume", "play"],
  "rollouts.approve": ["Approve a stage of", "check"],
  "rollouts.abort": ["Abort", "back"],
  "operations.abort": ["Stop", "back"],
  "hosts.createJoinToken": ["Create a join token for", "hosts"],
  "hosts.join": ["Join", "hosts"],
  "hosts.revoke": ["Revoke", "trash"],
  "hosts.cordon": ["Cordon", "lock"],
  "hosts.uncordon": ["Uncordon", "play"],
  "hosts.drain": ["Drain", "st-draining"],
  "gateways.create": ["Add", "plus"],
  "gateways.remove": ["Remove", "trash"],
  "gateways.restart": ["Restart", "back"],
  "gateways.drain": ["Drain", "st-draining"],
  "gateways.undrain": ["Undrain", "play"],
  "edges.apply": ["Apply the edge configuration", "edge"],
  "fleets.apply": ["Apply the spec of", "edge"],
  "users.setRoles": ["Change the roles of", "user"],
  "users.remove": ["Remove", "trash"],
  "users.resetTwoFactor": ["Reset the second factor of", "lock"],
  "users.resetPassword": ["Reset the password of", "lock"],
  "users.endLogins": ["Sign out", "user"],
  "account.endLogin": ["Sign out another browser of", "user"],
  "account.endOtherLogins": ["Sign out all other browsers of", "user"],
  "account.changePassword": ["Change the own password", "lock"],
  "account.enableTwoFactor": ["Turn the second factor on", "lock"],
  "account.disableTwoFactor": ["Turn the second factor off", "lock"],
  "account.renewBackupCodes": ["Renew the backup codes", "lock"],
  "invitations.create": ["Invite", "plus"],
  "invitations.revoke": ["Withdraw the invitation of", "trash"],
  "invitations.accept": ["Accept the invitation", "user"],
  "tokens.create": ["Make the API token", "plus"],
  "tokens.revoke": ["Revoke the API token", "trash"],
  "audit.begin": ["Begin the record", "activity"],
  "store.restore": ["Restore the store from", "back"],
  login: ["Sign in", "user"],
  logout: ["Sign out", "user"],
};

/** Kinds of actions, for a choice: each is how the names of its actions begin. */
export const KINDS: Record<string, string> = {
  "failover.": "failover",
  "rollouts.": "rollouts",
  "operations.": "stopped operations",
  "gateways.": "gateways",
  "hosts.": "hosts",
  "fleets.": "fleet specs",
  "edges.": "edges",
  "users.": "users",
  "invitations.": "invitations",
  "tokens.": "API tokens",
  "account.": "own accounts",
  login: "sign-ins",
};

export function actionInWords(action: string): { word: string; icon: IconName } {
  const [word, icon] = ACTIONS[action] ?? [action, "activity"];
  return { word, icon };
}

export function outcomeInWords(outcome: AuditRecord["outcome"]): Status {
  switch (outcome) {
    case "done":
      return { tone: "pass", icon: "st-pass", word: "Done" };
    case "refused":
      return { tone: "fail", icon: "st-fail", word: "Refused" };
    case "failed":
      return { tone: "fail", icon: "st-warn", word: "Failed" };
  }
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
