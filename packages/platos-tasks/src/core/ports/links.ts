/** Makes the secret part of public links. */
export interface Links {
  /** 256 bits in base64url, always the same for one waitpoint: it can be shown again, and need not be stored. */
  tokenOf(waitpointId: string): string;
}
