import type { IForbiddenRuleType } from "dependency-cruiser";

/** Who may import whom (docs/ARCHITECTURE.md). Each comment says what to do instead. */
const BROWSER = "^apps/web/src/(app|features|ui)/";

export const ARROWS: IForbiddenRuleType[] = [
  {
    name: "apps-stay-apart",
    severity: "error",
    comment:
      "An app imports another app. Put what both need into packages/shared; the console may only `import type` the agent's router (apps/agent/src/router.ts).",
    from: { path: "^apps/([^/]+)/" },
    to: { path: "^apps/", pathNot: ["^apps/$1/", "^apps/agent/src/router\\.ts$"] },
  },
  {
    name: "agent-router-is-a-type",
    severity: "error",
    comment:
      "The agent's router is imported as a value. Write `import type`: the console calls it over the link.",
    from: { path: "^apps/web/" },
    to: { path: "^apps/agent/src/router\\.ts$", dependencyTypesNot: ["type-only"] },
  },
  {
    name: "shared-stands-alone",
    severity: "error",
    comment:
      "packages/shared imports an app or a platform. Pass the thing in as a parameter, or move the file into the app that needs it.",
    from: { path: "^packages/shared/" },
    to: { path: "^apps/|node_modules/(next|react|react-dom|dockerode|ioredis|ws|pino)/" },
  },
  {
    name: "shared-rules-are-pure",
    severity: "error",
    comment:
      "A rule in packages/shared imports a Node builtin. Take time, randomness, files and hashes by parameter; the browser runs these files too.",
    from: {
      path: "^packages/shared/src/(fleet|shard|lease|rollout|failover|keys)/",
    },
    to: { dependencyTypes: ["core"] },
  },
  {
    name: "ioredis-at-the-door",
    severity: "error",
    comment:
      "ioredis is imported outside its adapters. Put the call into a redis-*.ts file and hand its interface in from main.ts.",
    from: { path: "^(apps|packages)/", pathNot: "/(redis-[^/]*|main|wiring)\\.ts$|/testing/" },
    to: { path: "node_modules/ioredis/" },
  },
  {
    name: "dockerode-in-its-adapter",
    severity: "error",
    comment:
      "dockerode is imported outside apps/agent/src/docker/dockerode-*.ts. Use the port in apps/agent/src/docker/port.ts.",
    from: {
      path: "^(apps|packages)/",
      pathNot: "^apps/agent/src/docker/dockerode-[^/]*\\.ts$",
    },
    to: { path: "node_modules/(@types/)?dockerode/" },
  },
  {
    name: "ui-knows-no-domain",
    severity: "error",
    comment:
      "A primitive in apps/web/src/ui imports something of the domain. Move the component into the feature it belongs to.",
    from: { path: "^apps/web/src/ui/" },
    to: { path: "^(apps/(?!web/src/ui/)|packages/)" },
  },
  {
    name: "pages-read-through-the-api",
    severity: "error",
    comment:
      "A page or feature imports the server side. Next would bundle a copy with state of its own: read it through /api/trpc (only `import type` is allowed).",
    from: { path: BROWSER },
    to: {
      path: "^apps/web/src/(store|controller|agents|auth|server|figures|state|session|fleet|audit)/",
      dependencyTypesNot: ["type-only"],
    },
  },
  {
    name: "controller-without-next",
    severity: "error",
    comment:
      "The server side imports Next, React or a page. Only main.ts and server/pages.ts start Next; the rest must run without it.",
    from: {
      path: "^apps/web/src/(controller|store|agents|figures|state|auth|session|fleet|server/routers)/",
    },
    to: { path: "node_modules/(next|react|react-dom)/|^apps/web/src/(app|features|ui)/" },
  },
  {
    name: "scripts-know-state-only",
    severity: "error",
    comment:
      "A script imports an app's inside. Only apps/web/src/state is for scripts; everything else goes over the control API.",
    from: { path: "^scripts/" },
    to: { path: "^apps/", pathNot: "^apps/web/src/state/" },
  },
  {
    name: "no-circles",
    severity: "error",
    comment:
      "Files import each other in a circle. Find the type or rule that both need and give it a file of its own.",
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
  },
];
