/** What an action says: for programs, and for people. */
export interface Said {
  readonly json: unknown;
  readonly text: string;
}
