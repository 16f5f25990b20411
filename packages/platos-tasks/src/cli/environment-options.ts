import type { EnvironmentSlugs } from "../core/ports/store.ts";
import { defaultEnvironment } from "../operations/seed.ts";

/** Options of commands that work on the database and so must be told the environment. */
export const environmentOptions = {
  org: { type: "string" },
  project: { type: "string" },
  env: { type: "string" },
} as const;

export function environmentOf(values: {
  readonly org?: string | undefined;
  readonly project?: string | undefined;
  readonly env?: string | undefined;
}): EnvironmentSlugs {
  return {
    org: values.org ?? defaultEnvironment.org,
    project: values.project ?? defaultEnvironment.project,
    env: values.env ?? defaultEnvironment.env,
  };
}
