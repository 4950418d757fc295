/**
 * Faults that are put into the store on purpose: the simulation must find each of them, or it proves nothing.
 * Those of scripts are put into the scripts' own text as well (redis-scripts.ts).
 */
export const MUTATIONS = {
  "commit-unfenced": "a commit that does not look whether the lease is still the committer's",
  "commit-finds-anything": "a turn is committed although its entry has left the inbox",
  "release-unfenced": "a release that deletes whatever lease stands there",
  "renew-unfenced": "a renewal that does not look at holder, incarnation and epoch",
  "acquire-uncompared": "a lease is taken although it moved since it was seen",
  "ingest-undeduped": "an event is stored again although its dedupe key stands",
  "marked-before-stored": "the dedupe key is set before the append, which may fail",
  "attempts-uncounted": "turns are begun without being counted",
  "inbox-disordered": "an inbox is read in another order than its events came",
  "followed-from-its-end": "a new holder reads the inbox from its newest entry on",
  "claim-replaced": "whoever takes over puts its own claim over that of a send that had begun",
} as const;
export type Mutation = keyof typeof MUTATIONS;
