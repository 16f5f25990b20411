import type { Exercise } from "./exercise.ts";
import { cancelAgainstFinal } from "./races/cancel-against-final.ts";
import { everyStatusCancelled } from "./races/every-status-cancelled.ts";
import { reaperAgainstCompletion } from "./races/reaper-against-completion.ts";
import { simulation } from "./simulation/simulation.ts";

/** Everything that `npm run chaos` can run, by the name it is called with. */
export const exercises: Readonly<Record<string, Exercise>> = {
  T0: simulation,
  "cancel-against-final": cancelAgainstFinal,
  "every-status-cancelled": everyStatusCancelled,
  "reaper-against-completion": reaperAgainstCompletion,
};
