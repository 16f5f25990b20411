/** The secrets that webhooks may be signed with. They are named in waits and never leave this process. */
export interface WebhookSecrets {
  /** Null: none of this name is configured. */
  of(name: string): string | null;
}

/** `configured`: by the name behind `PLATOS_WEBHOOK_SECRET_`, so `my-shop` is `MY_SHOP` there. */
export function webhookSecrets(configured: ReadonlyMap<string, string>): WebhookSecrets {
  return { of: (name) => configured.get(name.toUpperCase().replaceAll("-", "_")) ?? null };
}
