import { useParams } from "@tanstack/react-router";

/** Where the pages of one environment begin. */
export const envPath = "/orgs/$org/projects/$project/env/$env";

export interface EnvParams {
  readonly org: string;
  readonly project: string;
  readonly env: string;
}

/** The environment that the address names: what every link below it needs. */
export function useEnvParams(): EnvParams {
  const { org, project, env } = useParams({ from: envPath });
  return { org, project, env };
}
