import { isIP } from "node:net";
import { PlatosError } from "../core/errors.ts";
import type { AllowList, Target } from "./allow-list.ts";
import { normalHost } from "./allow-list.ts";
import { isPublicAddress } from "./public-address.ts";

export interface UrlRules {
  readonly allowList: AllowList;
  readonly ports: ReadonlySet<number>;
}

/**
 * Everything that can be said of a URL before a name is looked up; returns it without its fragment. Spellings such as
 * `0x7f.1`, `2130706433` or `①②⑦.0.0.1` need no rule of their own: the URL parser has already made addresses of them.
 */
export function checkUrl(text: string, rules: UrlRules): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") {
    throw new PlatosError(
      "egress.refused",
      `"${text.slice(0, 200)}" is not an absolute http or https URL. Give one such as https://example.com/page.`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new PlatosError("egress.refused", "The URL holds a user name or password. Leave them out and ask again.");
  }
  const target = targetOf(url);
  if (!rules.ports.has(target.port) && !rules.allowList.allowsPort(target)) throw portRefused(target, rules.ports);
  if (isIP(target.host) !== 0) checkAddress(target, target.host, rules.allowList);
  url.hash = "";
  return url;
}

/** Throws `egress.refused` unless the address is public or allowed for this target. */
export function checkAddress(target: Target, address: string, allowList: AllowList): void {
  if (isPublicAddress(address) || allowList.allowsAddress(target, address)) return;
  const host = spelled(target);
  throw new PlatosError(
    "egress.refused",
    `${host} is not on the public internet, so tools may not ask it. Use a public address; an operator can allow this one with PLATOS_EGRESS_ALLOW=${host}.`,
  );
}

function targetOf(url: URL): Target {
  const standardPort = url.protocol === "https:" ? 443 : 80;
  return { host: normalHost(url.hostname), port: url.port === "" ? standardPort : Number(url.port) };
}

function portRefused(target: Target, ports: ReadonlySet<number>): PlatosError {
  const open = [...ports].toSorted((left, right) => left - right).join(", ");
  return new PlatosError(
    "egress.refused",
    `Port ${target.port} is not open to tools (${open} are). An operator can open it for this host with PLATOS_EGRESS_ALLOW=${spelled(target)}.`,
  );
}

function spelled(target: Target): string {
  return `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
}
