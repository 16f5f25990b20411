import { isTerminal } from "@platos-tasks/client";
import type { Bgo } from "@platos-tasks/client";
import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";

import { useAgentName } from "../../agent/list-agents.ts";
import { BgoDuration } from "../../bgo/bgo-duration.tsx";
import { nowWords } from "../../bgo/now-words.ts";
import { formatCost } from "../../bgo/usage-text.ts";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { RelativeTime } from "../../time/relative-time.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Facts } from "../../ui/facts.tsx";
import type { Fact } from "../../ui/facts.tsx";

export function BgoFacts({ bgo }: { readonly bgo: Bgo }): ReactElement {
  const agent = useAgentName(bgo.agentId);
  return (
    <div className="rounded-lg border border-line bg-surface p-4">
      <Facts facts={[...stateFacts(bgo), ...costFacts(bgo), ...originFacts(bgo, agent)]} />
    </div>
  );
}

function stateFacts(bgo: Bgo): readonly Fact[] {
  return [
    ...given(isTerminal(bgo.status) ? "Outcome" : "Now", bgo.status === "failed" ? bgo.reason : nowWords(bgo)),
    ...given("Runs at", bgo.runAt === null ? null : <RelativeTime iso={bgo.runAt} />),
    { name: "Created", value: <RelativeTime iso={bgo.createdAt} /> },
    ...given("Started", bgo.startedAt === null ? null : <RelativeTime iso={bgo.startedAt} />),
    { name: "Duration", value: <BgoDuration bgo={bgo} /> },
    { name: "Attempt", value: bgo.attempt },
  ];
}

function costFacts(bgo: Bgo): readonly Fact[] {
  const { inputTokens, outputTokens, costUsd } = bgo.usage;
  const { maxTurns, maxTokens, maxCostUsd, maxDurationSeconds } = bgo.budget;
  return [
    { name: "Model calls", value: maxTurns === undefined ? bgo.modelCalls : `${bgo.modelCalls} of ${maxTurns}` },
    { name: "Tokens in", value: inputTokens.toLocaleString() },
    { name: "Tokens out", value: outputTokens.toLocaleString() },
    ...given("Token limit", maxTokens?.toLocaleString()),
    {
      name: "Cost",
      value: maxCostUsd === undefined ? formatCost(costUsd) : `${formatCost(costUsd)} of ${formatCost(maxCostUsd)}`,
    },
    ...given("Time limit", maxDurationSeconds === undefined ? null : `${maxDurationSeconds.toLocaleString()} s`),
  ];
}

function originFacts(bgo: Bgo, agent: string): readonly Fact[] {
  return [
    { name: "Agent", value: agent },
    { name: "Tools", value: bgo.tools.length === 0 ? "none" : bgo.tools.join(", ") },
    { name: "When done", value: bgo.onComplete === "wake" ? "wakes its agent" : "posts a message" },
    ...given("Parent", bgo.parentBgoId === null ? null : <BgoLink bgoId={bgo.parentBgoId} />),
    ...given("Key", bgo.idempotencyKey === null ? null : <Mono text={bgo.idempotencyKey} />),
    { name: "Engine", value: bgo.engine },
    ...given("Engine run", bgo.engineRunId === null ? null : <Mono text={bgo.engineRunId} />),
    { name: "Id", value: <Mono text={bgo.id} /> },
  ];
}

/** A fact that is there only when it has a value. */
function given(name: string, value: ReactNode): readonly Fact[] {
  return value === null || value === undefined || value === "" ? [] : [{ name, value }];
}

function Mono({ text }: { readonly text: string }): ReactElement {
  return (
    <span className="-my-0.5 flex items-start gap-1">
      <span className="pt-0.5 font-mono text-xs break-all">{text}</span>
      <CopyButton text={text} label={`Copy ${text}`} />
    </span>
  );
}

function BgoLink({ bgoId }: { readonly bgoId: string }): ReactElement {
  const params = useEnvParams();
  return (
    <Link
      to={`${envPath}/platos-tasks/$bgoId`}
      params={{ ...params, bgoId }}
      className="font-mono text-xs break-all text-accent underline underline-offset-2"
    >
      {bgoId}
    </Link>
  );
}
