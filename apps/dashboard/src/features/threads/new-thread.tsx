import type { Agent } from "@platos-tasks/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { FormEvent, ReactElement } from "react";

import { useAgents } from "../../agent/list-agents.ts";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Icon } from "../../ui/icon.tsx";
import { createThread } from "./create-thread.ts";

/** Begins a thread: at once where there is one agent, after a choice where there are more. */
export function NewThread(): ReactElement {
  const { data: agents } = useAgents();
  const [choosing, setChoosing] = useState(false);
  const create = useCreateThread();
  const only = agents?.length === 1 ? agents[0] : undefined;
  return (
    <>
      {create.error !== null && !choosing && (
        <span role="alert" className="text-xs text-failed">
          {create.error.message}
        </span>
      )}
      <Button
        kind="primary"
        disabled={agents === undefined || create.isPending}
        onClick={() => (only === undefined ? setChoosing(true) : create.mutate(only.id))}
      >
        <Icon name="plus" size={14} />
        New thread
      </Button>
      {choosing && agents !== undefined && (
        <Dialog title="New thread" onClose={() => setChoosing(false)}>
          <AgentChoice
            agents={agents}
            isPending={create.isPending}
            error={create.error}
            onChoose={(agentId) => create.mutate(agentId)}
            onCancel={() => setChoosing(false)}
          />
        </Dialog>
      )}
    </>
  );
}

function useCreateThread(): ReturnType<typeof useMutation<string, Error, string>> {
  const navigate = useNavigate();
  const params = useEnvParams();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (agent: string) => (await createThread({ agent })).id,
    onSuccess: (threadId) => {
      void queryClient.invalidateQueries({ queryKey: ["threads"] });
      return navigate({ to: `${envPath}/threads/$threadId`, params: { ...params, threadId } });
    },
  });
}

interface AgentChoiceProps {
  readonly agents: readonly Agent[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly onChoose: (agentId: string) => void;
  readonly onCancel: () => void;
}

function AgentChoice({ agents, isPending, error, onChoose, onCancel }: AgentChoiceProps): ReactElement {
  const [chosen, setChosen] = useState(agents[0]?.id ?? "");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (chosen !== "") onChoose(chosen);
  };
  return (
    <form onSubmit={submit}>
      <fieldset className="flex max-h-80 flex-col gap-1.5 overflow-y-auto p-0.5">
        <legend className="mb-2 text-sm text-ink-2">Which agent do you want to talk to?</legend>
        {agents.length === 0 && <p className="text-sm">There is no agent here yet. Make one through the API first.</p>}
        {agents.map((agent) => (
          <label
            key={agent.id}
            className="grid cursor-pointer grid-cols-[auto_1fr] items-center gap-x-3 rounded-lg border border-line px-3 py-2 hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft"
          >
            <input
              type="radio"
              name="agent"
              value={agent.id}
              checked={chosen === agent.id}
              onChange={() => setChosen(agent.id)}
              className="row-span-2 size-4 accent-(--accent)"
            />
            <span className="truncate text-sm font-medium">{agent.name}</span>
            <span className="truncate font-mono text-2xs text-ink-2">{agent.model}</span>
          </label>
        ))}
      </fieldset>
      {error !== null && (
        <p role="alert" className="mt-3 text-sm text-failed">
          {error.message}
        </p>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
        <Button kind="primary" type="submit" disabled={isPending || chosen === ""}>
          {isPending ? "Starting…" : "Start thread"}
        </Button>
      </div>
    </form>
  );
}
