import type { HostDrainPreview } from "@chela/shared/fleet/view";

/** Pure: what becomes of a gateway when its host is drained. */
export function fateInWords({ fate, to, by }: HostDrainPreview["gateways"][number]): string {
  switch (fate) {
    case "moved":
      return `goes on on ${to ?? "another host"}, under its own name`;
    case "replaced":
      return `${by ?? "a new one"} is started on ${to ?? "another host"} first, then it is removed`;
    case "removed":
      return "is drained and removed";
  }
}

/** What the button says: the verb and what it is about. */
export function drainButton(host: string, gateways: number): string {
  return gateways === 0 ? `Cordon ${host}` : `Drain ${host}`;
}
