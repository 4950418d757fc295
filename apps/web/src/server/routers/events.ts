import { tracked } from "@trpc/server";
import { z } from "zod";
import { router, viewerProcedure } from "../trpc.ts";
import { fleetInput } from "./input.ts";

export const eventsRouter = router({
  /** The one stream of a page: a snapshot, then what changed. Resumes by the last event's id. */
  subscribe: viewerProcedure
    .input(fleetInput.extend({ lastEventId: z.string().max(64).nullish() }))
    .subscription(async function* ({ ctx, input, signal }) {
      const messages = ctx.console.feed.subscribe(
        input.fleet,
        input.lastEventId ?? null,
        signal ?? new AbortController().signal,
      );
      for await (const { id, message } of messages) yield tracked(id, message);
    }),
});
