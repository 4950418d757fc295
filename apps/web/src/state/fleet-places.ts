import { ensureFleetFiles, forgetFleetUsers } from "./fleet-files.ts";
import { applyRedisUsers } from "./redis-users.ts";

/** Where further fleets live: their files in the state directory, their users in our own Redis. */
export function fleetPlaces(stateDir: string, redisOwnerUrl: string | null) {
  return {
    /** @returns the key prefix that counts. @throws Refusal where Redis does not answer; nobody may in then. */
    async make(fleet: string, keyPrefix: string): Promise<string> {
      const counts = await ensureFleetFiles(stateDir, fleet, keyPrefix);
      try {
        await applyRedisUsers(stateDir, redisOwnerUrl);
      } catch (error) {
        await forgetFleetUsers(stateDir, fleet);
        throw error;
      }
      return counts;
    },
    /** What an operator edits stays. */
    async close(fleet: string): Promise<void> {
      await forgetFleetUsers(stateDir, fleet);
      await applyRedisUsers(stateDir, redisOwnerUrl);
    },
  };
}
