import type { Problem } from "./problem.ts";

/** Thrown for every answer that is not a success, and with `status: 0` when no answer came. */
export class PlatosApiError extends Error {
  override readonly name = "PlatosApiError";
  readonly problem: Problem;

  constructor(problem: Problem, options?: { readonly cause?: unknown }) {
    super(problem.detail ?? problem.title, options?.cause === undefined ? undefined : { cause: options.cause });
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }
}

/** Reads an answer that is not a success; a body that is no problem document still gives a whole one. */
export async function apiErrorOf(response: Response): Promise<PlatosApiError> {
  const body: unknown = await response.json().catch(() => null);
  return new PlatosApiError(problemOf(response, body));
}

export function unreachable(cause: unknown): PlatosApiError {
  const problem: Problem = {
    type: "about:blank",
    title: "The server cannot be reached",
    status: 0,
    detail: "No answer came from the server. Check that it runs and that the network is up, then try again.",
    instance: null,
    code: "network.unreachable",
    errors: [],
    traceId: null,
  };
  return new PlatosApiError(problem, { cause });
}

function problemOf(response: Response, body: unknown): Problem {
  const given = typeof body === "object" && body !== null ? (body as Partial<Problem>) : {};
  return {
    type: given.type ?? "about:blank",
    title: given.title ?? (response.statusText === "" ? `HTTP ${response.status}` : response.statusText),
    status: response.status,
    detail: given.detail ?? null,
    instance: given.instance ?? null,
    code: given.code ?? `http.${response.status}`,
    errors: Array.isArray(given.errors) ? given.errors : [],
    traceId: given.traceId ?? null,
  };
}
