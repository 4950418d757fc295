import { z } from "zod";

/** Names become container names and DNS labels. */
export const nameInput = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/,
    "lower-case letters, digits and hyphens, at most 40",
  );
export const fleetInput = z.object({ fleet: z.string().min(1).max(64) });
export const windowInput = z.enum(["15m", "1h", "24h", "30d"]);
export const gatewayInput = fleetInput.extend({ gateway: z.string().min(1).max(64) });
export const operationInput = z.object({ operationId: z.string().min(1).max(64) });
export const pageInput = z.object({
  cursor: z.string().max(256).optional(),
  limit: z.number().int().min(1).max(200).optional(),
});
export const idempotencyKeyInput = z.string().min(1).max(128).optional();
export const reasonInput = z.string().max(500).optional();

/**
 * Pure: which fleets' entries a list holds; undefined: all. Where one fleet is asked for that one may not see, the
 * answer is the same as for a fleet that has none.
 */
export function shownFleets(
  seen: "every" | readonly string[],
  asked: string | undefined,
): readonly string[] | undefined {
  if (seen === "every") return asked === undefined ? undefined : [asked];
  return asked === undefined ? seen : seen.filter((fleet) => fleet === asked);
}
