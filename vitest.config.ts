import { defineConfig } from "vitest/config";

/** Suites are told apart by file ending; each project uses only what its name says (real Redis, real Docker, …). */
const suite = (name: string, include: string[], options: object = {}) => ({
  test: {
    name,
    include,
    exclude: [
      "**/node_modules/**",
      "**/.next/**",
      ...(name === "unit" ? ["**/*.{redis,docker,browser,lab}.test.ts"] : []),
    ],
    // A condition is waited for, not timed: on a busy machine the default second is a race.
    expect: { poll: { timeout: 10_000 } },
    ...options,
  },
});

const system = { fileParallelism: false, testTimeout: 180_000, hookTimeout: 600_000 };

export default defineConfig({
  test: {
    projects: [
      suite("unit", ["{apps,packages,e2e,scripts}/**/*.test.{ts,tsx}"]),
      suite("redis", ["{apps,packages,e2e}/**/*.redis.test.ts"], {
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      suite("docker", ["{apps,packages,e2e}/**/*.docker.test.ts"], system),
      suite("browser", ["{apps,packages,e2e}/**/*.browser.test.ts"], system),
      suite("lab", ["{apps,packages,e2e}/**/*.lab.test.ts"], system),
    ],
  },
});
