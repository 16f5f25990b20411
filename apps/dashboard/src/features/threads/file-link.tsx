import type { FilePart } from "@platos-tasks/client";
import type { ReactElement } from "react";

import { Icon } from "../../ui/icon.tsx";
import { safeFileHref } from "./safe-href.ts";

/** A file to download; never shown in the page. */
export function FileLink({ file }: { readonly file: FilePart }): ReactElement {
  const href = safeFileHref(file.url);
  const content = (
    <>
      <Icon name="file" className="text-ink-3" />
      <span className="min-w-0">
        <span className="block truncate text-sm font-medium">{file.filename}</span>
        <span className="block truncate text-2xs text-ink-3">{file.mediaType}</span>
      </span>
    </>
  );
  const shape = "inline-flex max-w-full items-center gap-2.5 rounded-lg border border-line bg-raised px-3 py-2";
  if (href === null) return <span className={shape}>{content}</span>;
  return (
    <a
      href={href}
      download={file.filename}
      target="_blank"
      rel="noopener noreferrer"
      className={`${shape} hover:bg-hover`}
    >
      <span className="sr-only">Download</span>
      {content}
      <Icon name="download" size={14} className="ml-2 text-ink-2" />
    </a>
  );
}
