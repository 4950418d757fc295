import { Refusal } from "@chela/shared/errors/refusal";

/** Reason of the refusal of a console that does not act. */
export const STANDING_BY = "standing-by";

/**
 * A write or a command came from a controller that another one has followed: refused by the store, by Redis or by an
 * agent. Whoever meets it stops acting at once.
 */
export class StaleController extends Refusal {
  constructor(where: string) {
    super(
      "SERVICE_UNAVAILABLE",
      STANDING_BY,
      `Another console acts as controller now, and ${where} refused this one's order: ask that console.`,
    );
    this.name = "StaleController";
  }
}
