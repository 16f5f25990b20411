import { z } from "zod";
import { limits } from "../core/caps.ts";
import { PlatosError } from "../core/errors.ts";
import type { ArtifactStore } from "../core/ports/artifacts.ts";
import type { Tool } from "../core/tool.ts";
import { defineTool } from "../core/tool.ts";
import { artifactResult } from "./artifact-result.ts";
import { safeFileName } from "./file-name.ts";

const mediaTypeForm =
  /^[a-z0-9][a-z0-9!#$&^_.+-]{0,99}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,99}(?:[ \t]*;[ \t]*charset=[\w-]{1,40})?$/iu;

const input = z.object({
  name: z.string().min(1).max(200).describe("File name with its extension, such as report.csv."),
  mediaType: z.string().regex(mediaTypeForm, "must be a media type such as text/csv"),
  content: z.string().describe("The file's whole content."),
  encoding: z.enum(["text", "base64"]).default("text").describe("base64 for files that are not text."),
});

/** `{artifactId, name, mediaType, bytes, url}`. */
export function createSaveArtifactTool({ artifacts }: { readonly artifacts: ArtifactStore }): Tool {
  return defineTool({
    name: "save_artifact",
    description:
      "Save a file (CSV, JSON, Markdown, …) as an artifact. It is attached to the result message and stays downloadable; do not repeat its content there.",
    effect: "idempotent",
    inputSchema: input,
    run: async ({ name, mediaType, content, encoding }, { scope, threadId, bgoId, callKey }) => {
      const bytes = encoding === "base64" ? decodeBase64(content) : new TextEncoder().encode(content);
      if (bytes.byteLength > limits.artifactBytes) {
        throw new PlatosError(
          "artifact.too_large",
          `The file has ${bytes.byteLength} bytes, more than the ${limits.artifactBytes} that an artifact may have. Split it.`,
        );
      }
      const artifact = await artifacts.save(scope, {
        threadId,
        bgoId,
        key: callKey,
        name: safeFileName(name, "file"),
        mediaType: encoding === "text" ? inUtf8(mediaType.toLowerCase()) : mediaType.toLowerCase(),
        content: bytes,
      });
      return artifactResult(artifact);
    },
  });
}

/** Text is kept as UTF-8, whatever charset a model names: readers would believe the name. */
function inUtf8(mediaType: string): string {
  return mediaType.replace(/(;[ \t]*charset=)[\w-]+$/u, "$1utf-8");
}

function decodeBase64(content: string): Uint8Array {
  const compact = content.replace(/\s+/gu, "");
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/u.test(compact)) {
    throw new PlatosError(
      "input.invalid",
      "The content is not base64. Encode it again, or use encoding text for text.",
      {
        issues: [{ path: "content", message: "is not base64" }],
      },
    );
  }
  return Uint8Array.from(Buffer.from(compact, "base64"));
}
