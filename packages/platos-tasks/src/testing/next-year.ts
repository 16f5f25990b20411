/** A time that no test lives to see, and that may be scheduled for. */
export function nextYear(): Date {
  return new Date(Date.UTC(new Date().getUTCFullYear() + 1, 11, 31));
}
