import type { Clock } from "@chela/shared/clock/clock";
import type { GatewaySettings } from "../settings.ts";
import type { Assistant } from "./assistant.ts";
import { echoAssistant } from "./echo/echo.ts";
import { openAiAssistant } from "./openai/openai.ts";

export function assistantOf(settings: GatewaySettings["assistant"], clock: Clock): Assistant {
  switch (settings.type) {
    case "echo":
      return echoAssistant(settings.latencyMs, clock);
    case "openai":
      return openAiAssistant(settings, clock);
  }
}
