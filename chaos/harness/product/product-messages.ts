/** What a process of the product tells the harness that started it. */
export type ProductMessage =
  | { readonly kind: "ready"; readonly url: string | null }
  /** It was to start and the database was not there; it tries again. */
  | { readonly kind: "database_away" }
  | {
      readonly kind: "delivery";
      readonly phase: "begun" | "ended";
      readonly ownerId: string;
      readonly segmentId: string;
    };

/** Exit code of a process that found no database when it started, or lost it: whoever runs it starts it again. */
export const unavailableAtStart = 75;

/** What the harness tells a process that was started ahead of time: begin, with this environment besides your own. */
export interface GoMessage {
  readonly kind: "go";
  readonly env: Readonly<Record<string, string>>;
}
