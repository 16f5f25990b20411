import type { Agent } from "@platos-tasks/client";
import { useQuery } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";

import { api } from "../api.ts";

const mostAgents = 100;

/** `GET /api/v1/agents`. */
export function useAgents(): UseQueryResult<readonly Agent[]> {
  return useQuery({
    queryKey: ["agents"],
    queryFn: async ({ signal }) => (await api.agents.list({ limit: mostAgents, signal })).items,
  });
}

/** What an agent is called, or its id's beginning while the list is on its way. */
export function useAgentName(agentId: string | null): string {
  const { data } = useAgents();
  if (agentId === null) return "Assistant";
  return data?.find((agent) => agent.id === agentId)?.name ?? "Agent";
}
