/** One line for who waits; standard output holds the result alone. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}
