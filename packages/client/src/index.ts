export type { Agent, CreateAgentBody, UpdateAgentBody } from "./agent.ts";
export { PlatosApiError } from "./api-error.ts";
export type { ApiKey, CreateApiKeyBody } from "./api-key.ts";
export type { AgentsApi } from "./api/agents.ts";
export type { ArtifactsApi } from "./api/artifacts.ts";
export type { BgosApi, ListBgosOptions } from "./api/bgos.ts";
export type { CallOptions, PageOptions } from "./api/call-options.ts";
export type { KeysApi } from "./api/keys.ts";
export type { ListSchedulesOptions, SchedulesApi } from "./api/schedules.ts";
export type { SessionApi } from "./api/session.ts";
export type { CreateMessageBody, ListMessagesOptions, ThreadMessagesApi, ThreadsApi } from "./api/threads.ts";
export type { ListWaitpointsOptions, WaitpointsApi } from "./api/waitpoints.ts";
export type { Artifact } from "./artifact.ts";
export type { AuditActor, AuditEntry } from "./audit-entry.ts";
export { titleOfBgo } from "./bgo.ts";
export type {
  Bgo,
  BgoFilters,
  CancelOutcome,
  CancelReceipt,
  OnComplete,
  Progress,
  SpawnBody,
  ScheduleReceipt,
  SpawnReceipt,
} from "./bgo.ts";
export type { Budget, Usage } from "./budget.ts";
export { createClient } from "./client.ts";
export type { PlatosClient } from "./client.ts";
export type { ConnectionOptions } from "./connection.ts";
export type {
  BgoEvent,
  MessageDeltaEvent,
  MessageEvent,
  PlatosEvent,
  ResyncEvent,
  StoredEvent,
  Topic,
  TurnEvent,
  WaitpointEvent,
} from "./event.ts";
export type { Failure } from "./failure.ts";
export type { Json, JsonObject } from "./json.ts";
export { textOfMessage } from "./message.ts";
export type {
  DataBgoPart,
  DynamicToolPart,
  FilePart,
  Message,
  MessageKind,
  MessagePart,
  MessageReceipt,
  MessageRole,
  ReasoningPart,
  StepStartPart,
  TextPart,
} from "./message.ts";
export type { Page } from "./page.ts";
export type { FieldIssue, Problem } from "./problem.ts";
export type { Readiness, ReadinessCheck } from "./readiness.ts";
export type {
  CancelScheduleReceipt,
  CreateScheduleBody,
  FireOutcome,
  MissedPolicy,
  OverlapPolicy,
  Schedule,
  ScheduleFilters,
  ScheduleFire,
  ScheduleStatus,
} from "./schedule.ts";
export type { Session } from "./session.ts";
export { activeStatuses, isStatus, isTerminal, statuses, terminalStatuses } from "./status.ts";
export type { Status, TerminalStatus } from "./status.ts";
export type {
  FinishReason,
  ModelPart,
  ModelStep,
  ModelTextPart,
  ModelToolCallPart,
  Step,
  ToolIntentStep,
  ToolResultStep,
} from "./step.ts";
export type { ConnectionState, SubscribeOptions, SubscribeTimers } from "./subscribe.ts";
export type { CreateThreadBody, Thread } from "./thread.ts";
export type { Turn, TurnCause, TurnStatus } from "./turn.ts";
export type {
  CreateTokenBody,
  Waitpoint,
  WaitpointApproval,
  WaitpointFilters,
  WaitpointKind,
  WaitpointStatus,
  WebhookSignature,
} from "./waitpoint.ts";
