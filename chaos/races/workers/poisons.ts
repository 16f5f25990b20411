/** How a tool ends the process that runs it. */
export const poisonNames = ["abort", "memory", "stack", "killedFromOutside"] as const;

export type Poison = (typeof poisonNames)[number];

export function poisonToolName(poison: Poison): string {
  return `poison_${poison}`;
}
