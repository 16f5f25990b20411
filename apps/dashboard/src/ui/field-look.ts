/** The look of what is typed into. */
export const fieldClass =
  "w-full rounded-md border border-field bg-canvas px-2.5 py-1.5 text-sm disabled:opacity-55 aria-invalid:border-failed";

/** Grows with its text, up to a point. */
export const growingClass = `${fieldClass} field-sizing-content max-h-80 min-h-9 resize-y`;
