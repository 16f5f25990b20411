/** One request to the outside world. */
export interface EgressRequest {
  /** Absolute, http or https, without user name and password. */
  readonly url: string;
  /** GET unless said otherwise. */
  readonly method?: "GET" | "HEAD" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Most bytes the body may have once decompressed. 5 MB unless said otherwise. */
  readonly maxBytes?: number;
  /** For everything together: redirects, name look-ups and the whole body. 30 s unless said otherwise. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

export interface EgressResponse {
  /** Where the last redirect led. */
  readonly url: string;
  readonly status: number;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Uint8Array;
}

/** The one way out for tools, webhooks and callbacks. Only public addresses answer unless an operator allows others. */
export interface Egress {
  /**
   * Any status is an answer. Throws `egress.refused` when the address may not be asked, `tool.failed` when asking went
   * wrong (network, time, size, too many redirects), and the signal's reason when the caller aborts.
   */
  fetch(request: EgressRequest): Promise<EgressResponse>;
  /** Drops open connections. */
  close(): Promise<void>;
}
