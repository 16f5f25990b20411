import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import type { Failpoint } from "../failpoints/failpoint.ts";
import type { SeenPoint } from "../failpoints/failpoint-gate.ts";
import type { ClientAnswer, ClientRefusal, ClientRequest } from "./client-request.ts";

/** Where a process of the product finds everything. */
export interface ProductAddresses {
  readonly connectionString: string;
  readonly modelUrl: string;
  readonly sinkUrl: string;
}

/** What the harness tells the process that a fault is planted in. */
export type FaultyCommand =
  | { readonly kind: "open"; readonly addresses: ProductAddresses; readonly failpoint: Failpoint | null }
  | { readonly kind: "work" }
  /** Answers HTTP on a free port. */
  | { readonly kind: "serve" }
  | { readonly kind: "ask"; readonly askId: number; readonly caller: Caller; readonly request: ClientRequest }
  /** Lets a held call go on. */
  | { readonly kind: "release" }
  | { readonly kind: "close"; readonly graceMs: number };

export type FaultyReply =
  | { readonly kind: "opened" }
  | { readonly kind: "working" }
  | { readonly kind: "serving"; readonly url: string }
  | { readonly kind: "answered"; readonly askId: number; readonly answer: ClientAnswer }
  | { readonly kind: "refused"; readonly askId: number; readonly refusal: ClientRefusal }
  | { readonly kind: "closed"; readonly seen: readonly SeenPoint[] }
  | { readonly kind: "broken"; readonly message: string };

/** The pipe on which the process says, before it acts, that it has reached its failpoint. */
export const reachedFd = 3;
