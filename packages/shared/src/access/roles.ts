/** Pure: who may what, where. The button, the router and the token ask the same functions. */
export type ViewerRole = "viewer" | "operator" | "admin";

/** Each may what those before it may. */
export const ROLES = ["viewer", "operator", "admin"] as const satisfies readonly ViewerRole[];

/** Stands for every fleet that has no entry of its own, and for the console itself. */
export const EVERY_FLEET = "*";

/** Someone's roles by fleet, `*` the one that holds where no other is given. Without an entry: none. */
export type Roles = Readonly<Record<string, ViewerRole>>;

const rank = (role: ViewerRole): number => ROLES.indexOf(role);

/** @param fleet a name, or `*` for what concerns the console as a whole. */
export function roleIn(roles: Roles, fleet: string): ViewerRole | null {
  if (Object.hasOwn(roles, fleet)) return roles[fleet]!;
  return Object.hasOwn(roles, EVERY_FLEET) ? roles[EVERY_FLEET]! : null;
}

export const reaches = (role: ViewerRole | null, needed: ViewerRole): boolean =>
  role !== null && rank(role) >= rank(needed);

export const mayIn = (roles: Roles, fleet: string, needed: ViewerRole): boolean =>
  reaches(roleIn(roles, fleet), needed);

/** The highest one anywhere, for showing; null: none at all. */
export function highestRole(roles: Roles): ViewerRole | null {
  return Object.values(roles).reduce<ViewerRole | null>(
    (highest, role) => (highest === null || rank(role) > rank(highest) ? role : highest),
    null,
  );
}

/** Fleets one may look at; `every` where nothing is hidden. */
export const fleetsSeen = (roles: Roles): "every" | string[] =>
  Object.hasOwn(roles, EVERY_FLEET) ? "every" : Object.keys(roles);

/**
 * What is left of someone's roles in the hands of a token: never more than the token says, never more than its
 * owner has at that moment.
 */
export function limitedTo(owner: Roles, fleet: string, role: ViewerRole): Roles {
  const lower = (own: ViewerRole) => (rank(own) < rank(role) ? own : role);
  if (fleet === EVERY_FLEET) {
    return Object.fromEntries(Object.entries(owner).map(([name, own]) => [name, lower(own)]));
  }
  const own = roleIn(owner, fleet);
  return own === null ? {} : { [fleet]: lower(own) };
}
