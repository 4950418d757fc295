/** Of the init container (init.ts): its environment, and where docker-compose.yml mounts what it writes. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;
export const STATE_DIR = "/chela";
export const REDIS_DIR = "/redis";
export const AGENT_DIR = "/agent";
