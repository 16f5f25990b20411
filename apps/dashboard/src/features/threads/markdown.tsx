import { memo } from "react";
import type { ReactElement } from "react";
import ReactMarkdown from "react-markdown";
import type { Components } from "react-markdown";
import rehypeSanitize from "rehype-sanitize";
import remarkGfm from "remark-gfm";

import { CodeBlock } from "./code-block.tsx";
import { safeWebHref } from "./safe-href.ts";
import { splitBlocks } from "./split-blocks.ts";

/** What a model wrote is shown, never trusted: no raw HTML, no pictures fetched, links to the web only. */
const components: Components = {
  a: ({ href, children }) => <WebLink href={href}>{children}</WebLink>,
  img: ({ src, alt }) => (
    <WebLink href={typeof src === "string" ? src : undefined}>
      {alt === undefined || alt === "" ? "picture" : alt}
    </WebLink>
  ),
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    <div tabIndex={0} role="group" aria-label="Table" className="overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
  // Headings of a message stand below those of the page.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
};

const remarkPlugins = [remarkGfm];
const rehypePlugins = [rehypeSanitize];

/** Whole markdown. */
export const Markdown: React.MemoExoticComponent<(props: { readonly text: string }) => ReactElement> = memo(Rendered);

/** Markdown that is still being written: only its last block is parsed anew. */
export function GrowingMarkdown({ text }: { readonly text: string }): ReactElement {
  return (
    <div className="flex flex-col gap-[0.65em]">
      {splitBlocks(text).map((block, index) => (
        <Markdown key={index} text={block} />
      ))}
    </div>
  );
}

function Rendered({ text }: { readonly text: string }): ReactElement {
  return (
    <div className="prose w-full wrap-anywhere">
      <ReactMarkdown
        remarkPlugins={remarkPlugins}
        rehypePlugins={rehypePlugins}
        components={components}
        urlTransform={(url) => safeWebHref(url) ?? ""}
        skipHtml
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}

interface WebLinkProps {
  readonly href: string | undefined;
  readonly children: React.ReactNode;
}

function WebLink({ href, children }: WebLinkProps): ReactElement {
  const safe = safeWebHref(href);
  if (safe === null) return <span>{children}</span>;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
