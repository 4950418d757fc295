import { z } from "zod";

/** `access.json`: what a person or a script needs to use the fleet. Written once; shape fixed by the contract. */
export const accessSchema = z.object({
  consoleUrl: z.string(),
  edgeUrl: z.string(),
  adminEmail: z.string(),
  adminPassword: z.string(),
  /** Bearer of an administrator for the control API. */
  apiToken: z.string(),
  /** The generic channel's `whsec_…` as it was generated; what counts afterwards is secrets.env. */
  webhookSecret: z.string(),
  /** Bearer of WebSocket and HTTP clients, as generated. */
  clientToken: z.string(),
  /** As reached from this machine, with every right. */
  redisUrl: z.string(),
  fleet: z.string(),
});
export type Access = z.infer<typeof accessSchema>;
