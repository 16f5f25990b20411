/** A link that a model wrote: absolute http(s) or nothing. */
export function safeWebHref(href: string | undefined): string | null {
  if (href === undefined || !/^https?:\/\//iu.test(href) || !URL.canParse(href)) return null;
  return href;
}

/** A file of a message: one of our own artifacts, or absolute http(s). */
export function safeFileHref(href: string): string | null {
  return /^\/api\/v1\/artifacts\/[A-Za-z0-9_-]+$/u.test(href) ? href : safeWebHref(href);
}
