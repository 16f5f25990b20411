/** What a person is shown of an error that nobody foresaw; the log has its stack. */
export function unexpectedErrorMessage(error: unknown): string {
  return `Something unexpected went wrong: ${error instanceof Error ? error.message : String(error)}`;
}
