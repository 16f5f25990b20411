/** Where to go after sign-in: a path of this site, never another one (`//host`, `/\host`, a scheme). */
export function safeNextPath(next: string | undefined): string {
  const path = next ?? "/";
  return /^\/(?![/\\])[^\\\u0000-\u001F]*$/u.test(path) && !path.startsWith("/sign-in") ? path : "/";
}
