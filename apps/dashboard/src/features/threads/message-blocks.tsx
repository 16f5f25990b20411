import type { Message } from "@platos-tasks/client";
import { useMemo } from "react";
import type { ReactElement } from "react";

import { Icon } from "../../ui/icon.tsx";
import { BgoCard } from "./bgo-card.tsx";
import { FileLink } from "./file-link.tsx";
import { Markdown } from "./markdown.tsx";
import { blocksOf } from "./message-content.ts";
import type { MessageBlock } from "./message-content.ts";
import { ToolCall } from "./tool-call.tsx";

export function MessageBlocks({ message }: { readonly message: Message }): ReactElement {
  const blocks = useMemo(() => blocksOf(message), [message]);
  return (
    <div className="flex min-w-0 flex-col items-start gap-2.5">
      {blocks.map((block) => (
        <Block key={block.key} block={block} threadId={message.threadId} />
      ))}
    </div>
  );
}

interface BlockProps {
  readonly block: MessageBlock;
  readonly threadId: string;
}

function Block({ block, threadId }: BlockProps): ReactElement {
  switch (block.kind) {
    case "text":
      return <Markdown text={block.text} />;
    case "reasoning":
      return <Reasoning text={block.text} />;
    case "file":
      return <FileLink file={block.file} />;
    case "tool":
      return <ToolCall call={block.call} threadId={threadId} />;
    case "bgo":
      return <BgoCard bgoId={block.bgoId} />;
  }
}

function Reasoning({ text }: { readonly text: string }): ReactElement {
  return (
    <details className="group text-sm text-ink-2">
      <summary className="inline-flex min-h-6 items-center gap-1 text-xs hover:text-ink">
        <Icon name="chevron-right" size={12} className="transition-transform group-open:rotate-90" />
        Reasoning
      </summary>
      <div className="mt-1 border-l-2 border-line pl-3">
        <Markdown text={text} />
      </div>
    </details>
  );
}
