/** How an exercise is to be run. The same seed repeats the same schedule; how the machine times it may differ. */
export interface ExerciseOptions {
  readonly seed: number;
  /** How long to go on, for those that end by time; their own default when absent. */
  readonly minutes?: number;
  /** How often to try, for those that count; their own default when absent. */
  readonly trials?: number;
  /** Takes away what the exercise has opened: after its report, when it fails, and when it is told to stop. */
  readonly closing: AsyncDisposableStack;
  /** One line about how far it is. */
  readonly progress: (line: string) => void;
}

export interface ExerciseReport {
  /** What must never happen and did, one sentence each; empty when all is well. */
  readonly alarms: readonly string[];
  /** What was done and measured, by name; units stand in the names (`takeoverP95Ms`). */
  readonly figures: Readonly<Record<string, number>>;
}

/** Something that tries to make the product break its promise, and says whether it did. */
export interface Exercise {
  /** One line for the list of exercises. */
  readonly summary: string;
  run(options: ExerciseOptions): Promise<ExerciseReport>;
}
