import type { Roles, ViewerRole } from "./roles.ts";

/** What the control API says about people and what they hold. Plain types: the browser imports this file. */
export interface UserView {
  id: string;
  name: string;
  email: string;
  roles: Roles;
  twoFactor: boolean;
  /** Browsers signed in now. */
  logins: number;
  createdAt: string;
  lastSeenAt: string | null;
}

/** One browser that is signed in. */
export interface LoginView {
  id: string;
  /** The browser that asks. */
  current: boolean;
  address: string | null;
  userAgent: string | null;
  signedInAt: string;
  lastSeenAt: string;
  expiresAt: string;
}

export interface InvitationView {
  id: string;
  email: string;
  roles: Roles;
  invitedBy: string;
  createdAt: string;
  expiresAt: string;
}

/** Shown once: only its hash is kept. */
export interface NewInvitation extends InvitationView {
  link: string;
}

export interface TokenView {
  id: string;
  name: string;
  role: ViewerRole;
  /** `*` = every fleet that its owner may. */
  fleet: string;
  /** Who made it, by e-mail; null: the token of access.json did. */
  owner: string | null;
  createdAt: string;
  /** Null: it does not expire. */
  expiresAt: string | null;
  /** To the minute. */
  lastUsedAt: string | null;
}

/** Shown once: only its hash is kept. */
export interface NewToken extends TokenView {
  token: string;
}
