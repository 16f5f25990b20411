import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  throw new Error(
    `The tests need Node 22.18 or newer, this is ${process.versions.node}. Run them with \`npm test\`, which brings its own Node.`,
  );
}

const conditions = ["platos-source"];
const postgres = fileURLToPath(new URL("packages/platos-tasks/src/testing/postgres-global-setup.ts", import.meta.url));

export default defineConfig({
  // The workspace's packages are tested as written, not as last built.
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["{packages,apps}/*/src/**/*.test.{ts,tsx}", "{spec,benchmarks,chaos,examples,scripts}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    pool: "forks",
    execArgv: ["--conditions=platos-source"],
    maxWorkers: 2,
    globalSetup: existsSync(postgres) ? [postgres] : [],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    allowOnly: !process.env["CI"],
  },
});
