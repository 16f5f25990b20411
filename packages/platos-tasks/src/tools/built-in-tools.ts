import type { ArtifactStore } from "../core/ports/artifacts.ts";
import type { Tool } from "../core/tool.ts";
import type { FetchUrl } from "./fetch-url.ts";
import { createFetchUrlTool } from "./fetch-url.ts";
import { renderPdf } from "./pdf/render-pdf.ts";
import { createReadArtifactTool } from "./read-artifact.ts";
import { createRenderPdfTool } from "./render-pdf.ts";
import { createSaveArtifactTool } from "./save-artifact.ts";

export interface BuiltInToolParts {
  readonly egressFetch: FetchUrl;
  readonly artifacts: ArtifactStore;
}

/** The tools that sub-agents can be granted out of the box. */
export function createBuiltInTools({ egressFetch, artifacts }: BuiltInToolParts): readonly Tool[] {
  return [
    createFetchUrlTool({ fetch: egressFetch }),
    createRenderPdfTool({ artifacts, render: renderPdf }),
    createSaveArtifactTool({ artifacts }),
    createReadArtifactTool({ artifacts }),
  ];
}
