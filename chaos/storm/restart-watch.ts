/** Measures how long it takes from the database's return to the first spawn that succeeds. */
export class RestartWatch {
  readonly tookMs: number[] = [];
  #backAt: number | null = null;

  /** The database takes connections again. One that crashes once more before any spawn is counted from its first return. */
  databaseBack(): void {
    this.#backAt ??= performance.now();
  }

  /** The server itself, or its link, is troubled: what happens now says nothing about the database's return. */
  otherTrouble(): void {
    this.#backAt = null;
  }

  spawned(): void {
    if (this.#backAt === null) return;
    this.tookMs.push(performance.now() - this.#backAt);
    this.#backAt = null;
  }
}
