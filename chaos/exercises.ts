import type { Exercise } from "./exercise.ts";

/** Everything that `npm run chaos` can run, by the name it is called with. */
export const exercises: Readonly<Record<string, Exercise>> = {};
