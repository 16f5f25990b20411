import type { JsonObject } from "../json.ts";
import type { ModelResponse, TranscriptEntry } from "../transcript.ts";

export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  /** JSON Schema, draft 2020-12. */
  readonly inputSchema: JsonObject;
}

export interface ModelRequest {
  /** `provider:model`. */
  readonly model: string;
  readonly system: string;
  readonly transcript: readonly TranscriptEntry[];
  readonly tools: readonly ToolDescription[];
  readonly signal: AbortSignal;
  /** Awaited before the provider is asked again; what it rejects with ends the call. */
  readonly beforeRetry?: () => Promise<void>;
  /**
   * Given: the answer is streamed and each piece of visible text passes here first. `restart` says that a failed try
   * had shown text which must be taken back.
   */
  readonly onText?: (piece: { readonly text: string; readonly restart: boolean }) => void;
}

/**
 * One model call. Resolves with a whole response or throws a `PlatosError` (`model.*`); a partial response is never
 * returned. Short-lived failures are tried again inside; what is still `retryable` afterwards is for the next attempt.
 */
export interface ModelPort {
  respond(request: ModelRequest): Promise<ModelResponse>;
}
