/** What one look found. A skipped check needs something that failed before it. */
export interface CheckResult {
  readonly name: string;
  readonly outcome: "ok" | "failed" | "skipped";
  /** One line; when it failed, what to do. */
  readonly detail: string;
  /** Single cases, when there are several. */
  readonly cases?: readonly string[];
}

/** Runs a check; what it throws is its failure. */
export async function check(name: string, look: () => Promise<string>): Promise<CheckResult> {
  try {
    return { name, outcome: "ok", detail: await look() };
  } catch (error) {
    return { name, outcome: "failed", detail: error instanceof Error ? error.message : String(error) };
  }
}
