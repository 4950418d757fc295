import type { ViewerRole } from "@chela/shared/access/roles";

/** Times are milliseconds since 1970; `json` columns hold what the row's room defines. */
export interface Tables {
  fleets: { name: string; spec: string; created_at: number };
  hosts: {
    fleet: string;
    name: string;
    region: string | null;
    /** `local` = beside the console. */
    place: "local" | "remote";
    /** SHA-256 of the secret with which its agent says hello. */
    secret_hash: string;
    cordoned: 0 | 1;
    joined_at: number;
    revoked_at: number | null;
  };
  join_tokens: {
    hash: string;
    fleet: string;
    host: string;
    region: string | null;
    created_by: string;
    expires_at: number;
    used_at: number | null;
  };
  releases: {
    fleet: string;
    number: number;
    image: string;
    image_id: string;
    /** Text of gateway.json, templates unresolved. */
    config: string;
    config_hash: string;
    created_at: number;
  };
  operations: {
    id: string;
    fleet: string;
    kind: string;
    title: string;
    /** Machine state, see controller/operation.ts. */
    machine: string;
    /** OperationView's state, for lists. */
    state: string;
    /** Raised by every write: compare-and-set. */
    version: number;
    requested_by: string;
    reason: string | null;
    idempotency_key: string | null;
    started_at: number;
    ended_at: number | null;
  };
  /** Chained by hash, see audit.ts. */
  audit: {
    id: number;
    at: number;
    actor: string;
    source: string | null;
    action: string;
    fleet: string | null;
    subject: string | null;
    reason: string | null;
    before: string | null;
    after: string | null;
    outcome: "done" | "refused" | "failed";
    code: string | null;
    detail: string | null;
    request_id: string | null;
    previous: string;
    hash: string;
  };
  events: { id: string; fleet: string; at: number; event: string };
  dedupe_minutes: {
    fleet: string;
    /** Minutes since 1970. */
    minute: number;
    channel: string;
    accepted: number;
    duplicates: number;
  };
  /** See figures/sample.ts. */
  figure_samples: {
    fleet: string;
    /** Width in seconds. */
    step: number;
    at: number;
    seen: number;
    accepted: number;
    duplicates: number;
    looks: number;
    sessions: number | null;
    sessions_by_gateway: string;
    accept_p99: number | null;
    backlog: number | null;
  };
  /** Roles in single fleets; the one for every fleet stands in better-auth's `user.role`. */
  fleet_roles: { user_id: string; fleet: string; role: ViewerRole };
  api_tokens: {
    id: string;
    hash: string;
    name: string;
    role: ViewerRole;
    /** `*` = every fleet. */
    fleet: string;
    owner_id: string | null;
    created_at: number;
    expires_at: number | null;
    last_used_at: number | null;
  };
  invitations: {
    id: string;
    hash: string;
    email: string;
    /** Roles by fleet, JSON. */
    roles: string;
    invited_by: string;
    created_at: number;
    expires_at: number;
  };
  /** Who held each shard at the last look, see holdings.ts. */
  holdings: { fleet: string; seen: string };
  /** `expires_at`: on the store's own clock; see controller-lease.ts. */
  controller_lease: { name: string; holder: string; epoch: number; expires_at: number };
}
