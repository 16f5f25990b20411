import { PlatosError } from "./errors.ts";
import type { Json } from "./json.ts";
import type { Scope } from "./scope.ts";
import type { WaitRequest } from "./waitpoint.ts";

/**
 * What running a tool again would do. `pure`: nothing. `idempotent`: nothing more, under the same call key.
 * `at_most_once`: maybe harm; after a crash it is not run again and the model is told so.
 */
export type ToolEffect = "pure" | "idempotent" | "at_most_once";

/**
 * A schema that validates and describes itself: the Standard Schema and Standard JSON Schema interfaces, which zod 4
 * schemas satisfy. Stated structurally so that the core needs no package. Source: standardschema.dev.
 */
export interface ToolSchema<Value> {
  readonly "~standard": {
    readonly validate: (value: unknown) => ValidationResult<Value> | Promise<ValidationResult<Value>>;
    readonly jsonSchema: {
      readonly input: (options: { readonly target: "draft-2020-12" }) => Record<string, unknown>;
    };
  };
}

type ValidationResult<Value> =
  | { readonly value: Value; readonly issues?: undefined }
  | { readonly issues: readonly ValidationIssue[] };

interface ValidationIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export interface ToolContext {
  readonly scope: Scope;
  readonly threadId: string;
  /** Null in a chat turn. */
  readonly bgoId: string | null;
  /** Equal whenever this very call is run again (`owner:step:call`); the idempotency key for outside effects. */
  readonly callKey: string;
  /** Aborted on cancel, on a lost lease and at the tool's time limit. */
  readonly signal: AbortSignal;
}

/** What a model is told of something it may call. */
export interface ToolDeclaration<Input = unknown> {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: ToolSchema<Input>;
}

/** Something a model may call. */
export interface Tool<Input = unknown> extends ToolDeclaration<Input> {
  readonly effect: ToolEffect;
  /** `ask`: each call waits until a person has approved it. */
  readonly approval?: "ask";
  /** After this long the signal is aborted and the call counts as failed. */
  readonly timeoutMs?: number;
  run(input: Input, context: ToolContext): Promise<Json>;
}

/** A call of this one suspends its owner; what is waited for becomes the call's result. */
export interface WaitTool<Input = unknown> extends ToolDeclaration<Input> {
  /** Throws `input.invalid` for what cannot be waited for. */
  request(input: Input): WaitRequest;
}

export type AgentTool = Tool | WaitTool;

/** Keeps `Input` inferred from the schema at the definition and lets tools of all inputs share one list. */
export function defineTool<Input>(tool: Tool<Input>): Tool {
  return tool as Tool;
}

/** As {@link defineTool}. */
export function defineWaitTool<Input>(tool: WaitTool<Input>): WaitTool {
  return tool as WaitTool;
}

export function isWaitTool(tool: AgentTool): tool is WaitTool {
  return "request" in tool;
}

export const defaultToolTimeoutMs = 120_000;

export async function validateToolInput<Input>(tool: ToolDeclaration<Input>, raw: unknown): Promise<Input> {
  const result = await tool.inputSchema["~standard"].validate(raw);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map((issue) => ({
    path: (issue.path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment)).join("."),
    message: issue.message,
  }));
  const list = issues.map((issue) => (issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`));
  throw new PlatosError("input.invalid", `The arguments of ${tool.name} are not valid: ${list.join("; ")}.`, {
    issues,
  });
}

export function toolInputJsonSchema(tool: ToolDeclaration): Record<string, unknown> {
  return tool.inputSchema["~standard"].jsonSchema.input({ target: "draft-2020-12" });
}
