import { PlatosError } from "../core/errors.ts";

/** The fence said no: this epoch no longer holds the row, and its write matched nothing. */
export function superseded(): PlatosError {
  return new PlatosError("segment.superseded", "Another worker has taken over, or it was ended: nothing was written.");
}
