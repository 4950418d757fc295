import { DEFAULT_KEY_PREFIX } from "@chela/shared/keys/keys";
import { z } from "zod";

const DAY_SECONDS = 24 * 60 * 60;
const WHATSAPP_SECONDS = 7 * DAY_SECONDS;

/** The few things in gateway.json that the console itself needs; the gateways check the whole of it. */
const schema = z.object({
  gateway: z.object({
    session: z
      .object({ redis: z.object({ keyPrefix: z.string().optional() }).optional() })
      .optional(),
    webhook: z.object({ deduplicationTTL: z.coerce.number().optional() }).optional(),
    channels: z.record(z.string(), z.unknown()).optional(),
  }),
});

export interface GatewayConfigFacts {
  keyPrefix: string;
  channels: { channel: string; ttlSeconds: number }[];
}

/** @throws Error where the text is not JSON or holds no gateway. */
export function gatewayConfigFacts(text: string): GatewayConfigFacts {
  const { gateway } = schema.parse(JSON.parse(text));
  const ttl = gateway.webhook?.deduplicationTTL;
  return {
    keyPrefix: gateway.session?.redis?.keyPrefix ?? DEFAULT_KEY_PREFIX,
    channels: Object.keys(gateway.channels ?? {}).map((channel) => ({
      channel,
      ttlSeconds: ttl ?? (channel === "whatsapp" ? WHATSAPP_SECONDS : DAY_SECONDS),
    })),
  };
}
