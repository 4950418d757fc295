import type { FleetView, Page } from "@chela/shared/fleet/view";
import { z } from "zod";
import { acrossFleets, adminProcedure, onConsole, router, viewerProcedure } from "../trpc.ts";
import { fleetInput, idempotencyKeyInput, reasonInput } from "./input.ts";

const YAML_CHARS_MAX = 256 * 1024;

/** Becomes part of container names, Redis keys and folders, as CHELA_NAME does. */
const newFleetInput = z.object({
  fleet: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,30}$/,
      "lower-case letters, digits and hyphens, at most 31, beginning with a letter or digit",
    ),
  // Nothing that is a pattern in an ACL, or a hash tag.
  keyPrefix: z
    .string()
    .regex(/^[A-Za-z0-9:._-]{1,64}$/, "letters, digits and : . _ -, at most 64")
    .optional(),
  shards: z.number().int().min(1).max(256).optional(),
});

export const fleetsRouter = router({
  list: acrossFleets("viewer").query(
    ({ ctx }): Page<FleetView> => ({
      items: ctx.console.fleets
        .list()
        .filter(({ fleet }) => ctx.fleets === "every" || ctx.fleets.includes(fleet)),
      nextCursor: null,
    }),
  ),
  get: viewerProcedure
    .input(fleetInput)
    .query(({ ctx, input }) => ctx.console.fleets.get(input.fleet)),
  export: viewerProcedure
    .input(fleetInput)
    .query(({ ctx, input }) => ctx.console.commands.exportSpec(input.fleet)),
  /** An empty one: hosts join it, gateways are created or applied by its spec. */
  create: onConsole("admin")
    .input(newFleetInput)
    .mutation(({ ctx, input }) => ctx.console.fleets.create(input, ctx.by)),
  remove: onConsole("admin")
    .input(fleetInput.extend({ confirm: z.string().max(64) }))
    .mutation(({ ctx, input }) => ctx.console.fleets.remove(input, ctx.by)),
});

/** Under its whole name at the root, see edges.ts. With `dryRun` it only answers the difference. */
export const applyFleet = adminProcedure
  .input(
    fleetInput.extend({
      yaml: z.string().max(YAML_CHARS_MAX),
      dryRun: z.boolean().optional(),
      reason: reasonInput,
      idempotencyKey: idempotencyKeyInput,
    }),
  )
  .mutation(({ ctx, input }) => ctx.console.commands.applySpec(input, ctx.by));
