import { auditRouter, viewerRouter } from "./routers/audit.ts";
import { deadLettersRouter } from "./routers/dead-letters.ts";
import { applyEdges, edgesRouter } from "./routers/edges.ts";
import { eventsRouter } from "./routers/events.ts";
import { failoverRouter } from "./routers/failover.ts";
import { dedupeRouter, figuresRouter } from "./routers/figures.ts";
import { applyFleet, fleetsRouter } from "./routers/fleets.ts";
import { gatewaysRouter } from "./routers/gateways.ts";
import { hostsRouter, imagesRouter } from "./routers/hosts.ts";
import { operationsRouter } from "./routers/operations.ts";
import { rolloutsRouter } from "./routers/rollouts.ts";
import { sessionsRouter } from "./routers/sessions.ts";
import { tokensRouter } from "./routers/tokens.ts";
import { accountRouter, invitationsRouter, usersRouter } from "./routers/users.ts";
import { router } from "./trpc.ts";

/** The control API. Pages and other programs see the same. */
export const appRouter = router({
  fleets: fleetsRouter,
  failover: failoverRouter,
  rollouts: rolloutsRouter,
  operations: operationsRouter,
  sessions: sessionsRouter,
  deadLetters: deadLettersRouter,
  dedupe: dedupeRouter,
  figures: figuresRouter,
  hosts: hostsRouter,
  images: imagesRouter,
  edges: edgesRouter,
  "edges.apply": applyEdges,
  "fleets.apply": applyFleet,
  gateways: gatewaysRouter,
  events: eventsRouter,
  audit: auditRouter,
  viewer: viewerRouter,
  account: accountRouter,
  users: usersRouter,
  invitations: invitationsRouter,
  tokens: tokensRouter,
});
export type AppRouter = typeof appRouter;
