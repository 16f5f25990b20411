import type { Bgo } from "@platos-tasks/client";
import { titleOfBgo } from "@platos-tasks/client";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { CancelBgoButton } from "../../bgo/cancel-bgo-button.tsx";
import { useBgo } from "../../bgo/use-bgo.ts";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { buttonClass } from "../../ui/button.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Icon } from "../../ui/icon.tsx";
import { JsonBlock } from "../../ui/json-block.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { StatusChip } from "../../ui/status-chip.tsx";
import { AuditTable } from "./audit-table.tsx";
import { BgoFacts } from "./bgo-facts.tsx";
import { Section } from "./section.tsx";
import { StepsTable } from "./steps-table.tsx";
import { WaitsSection } from "./waits-section.tsx";

export function BgoPage(): ReactElement {
  const { bgoId } = useParams({ from: `${envPath}/platos-tasks/$bgoId` });
  const { bgo, error, refetch } = useBgo(bgoId);
  if (bgo !== undefined) return <BgoDetail bgo={bgo} />;
  return (
    <>
      <PageHeader title="Background operation" before={<BackToList />} />
      {error === null ? (
        <SkeletonRows count={6} label="Loading this background operation" />
      ) : (
        <div className="p-4">
          <ErrorPanel error={error} title="This background operation could not be loaded." onRetry={refetch} />
        </div>
      )}
    </>
  );
}

function BgoDetail({ bgo }: { readonly bgo: Bgo }): ReactElement {
  const params = useEnvParams();
  const openThread = (
    <Link
      to={`${envPath}/threads/$threadId`}
      params={{ ...params, threadId: bgo.threadId }}
      className={buttonClass("secondary", "small")}
    >
      Open thread
    </Link>
  );
  return (
    <>
      <PageHeader
        title={titleOfBgo(bgo)}
        before={<BackToList />}
        aside={<StatusChip status={bgo.status} />}
        actions={
          <>
            <CancelBgoButton bgo={bgo} />
            {openThread}
          </>
        }
      />
      <div className="relative min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto grid max-w-6xl gap-x-8 gap-y-6 p-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <div className="flex min-w-0 flex-col gap-6">
            {bgo.error !== null && <Failure bgo={bgo} />}
            <Section title="Prompt">
              <p className="rounded-md border border-line bg-surface px-3 py-2 text-sm wrap-anywhere whitespace-pre-wrap">
                {bgo.prompt}
              </p>
            </Section>
            {bgo.output !== null && (
              <Section title="Result">
                <JsonBlock value={bgo.output} label="Result" />
              </Section>
            )}
            <WaitsSection bgo={bgo} />
            <Section title="Steps">
              <StepsTable bgo={bgo} />
            </Section>
            <Section title="Audit">
              <AuditTable bgo={bgo} />
            </Section>
          </div>
          <aside aria-label="Facts" className="min-w-0 lg:col-start-2 lg:row-start-1">
            <BgoFacts bgo={bgo} />
          </aside>
        </div>
      </div>
    </>
  );
}

function Failure({ bgo }: { readonly bgo: Bgo }): ReactElement {
  return (
    <div className="flex gap-3 rounded-lg border border-line bg-failed-soft px-4 py-3 text-sm">
      <Icon name="cross" className="mt-0.5 text-failed" />
      <div className="min-w-0">
        <h2 className="font-medium text-failed">Why it failed</h2>
        <p className="mt-0.5 wrap-anywhere">{bgo.error?.message}</p>
        <p className="mt-1 font-mono text-2xs text-ink-2">{bgo.error?.code}</p>
      </div>
    </div>
  );
}

function BackToList(): ReactElement {
  const params = useEnvParams();
  return (
    <Link
      to={`${envPath}/platos-tasks`}
      params={params}
      aria-label="All background operations"
      className="-ml-1 grid size-7 shrink-0 place-items-center rounded-md text-ink-2 hover:bg-hover hover:text-ink"
    >
      <Icon name="chevron-left" />
    </Link>
  );
}
