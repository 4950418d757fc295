import { type Control, controlSchema } from "@chela/shared/fleet/control";
import { KEY_LAYOUT_VERSION } from "@chela/shared/keys/keys";

/** Why this gateway may not take part; code and sentence. */
export type ControlRead = { control: Control } | { fault: string };

/** Reads the fleet's control record. `shards`: how many it had when this gateway first read it; null: not yet. */
export function readControl(
  fields: Readonly<Record<string, string>>,
  shards: number | null,
): ControlRead {
  if (fields["layout"] !== String(KEY_LAYOUT_VERSION)) {
    return {
      fault: `layout-differs: The fleet's keys have layout ${fields["layout"]}, this gateway knows ${KEY_LAYOUT_VERSION}. Run a gateway version that fits the fleet.`,
    };
  }
  const parsed = controlSchema.safeParse(safely(fields));
  if (!parsed.success) {
    const paths = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
    return {
      fault: `control-unreadable: The fleet's control record is damaged (${paths}). Restart the console, or restore it from the console's store.`,
    };
  }
  if (shards !== null && parsed.data.shards !== shards) {
    return {
      fault: `shards-differ: The fleet's control record says ${parsed.data.shards} shards, this gateway began with ${shards}. Their number never changes in a fleet's life: restore the record.`,
    };
  }
  return { control: parsed.data };
}

/** `preferred` that is no JSON would throw inside the schema. */
function safely(fields: Readonly<Record<string, string>>): Record<string, unknown> {
  try {
    return { ...fields, preferred: JSON.parse(fields["preferred"] ?? "[]") };
  } catch {
    return { ...fields, preferred: null };
  }
}
