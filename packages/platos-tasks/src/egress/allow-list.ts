import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import { PlatosError } from "../core/errors.ts";
import { isMetadataAddress, parseAddress } from "./public-address.ts";

/** What an operator has opened beyond the public internet. */
export interface AllowList {
  /** True when `address`, found for `host` as the URL writes it, may be reached although it is not public. */
  allowsAddress(target: Target, address: string): boolean;
  /** True when an entry names this very host and port. */
  allowsPort(target: Target): boolean;
}

export interface Target {
  /** Lower case, without brackets and without a trailing dot. */
  readonly host: string;
  readonly port: number;
}

interface HostEntry {
  readonly host: string;
  /** Null: any port that is open anyway. */
  readonly port: number | null;
}

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Entries are networks (`10.0.0.0/8`, `fd00::/8`) or hosts with or without a port (`localhost`, `127.0.0.1:4000`,
 * `[::1]:4000`). A network opens its addresses under every name; a host only the name as written. Addresses that hand
 * out cloud credentials open only to an entry that is that very address. Throws `input.invalid` on anything else.
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const networks: Network[] = [];
  const hosts: HostEntry[] = [];
  for (const entry of entries.map((text) => text.trim()).filter((text) => text !== "")) {
    if (entry.includes("/")) networks.push(parseNetwork(entry));
    else hosts.push(parseHost(entry));
  }
  const named = (target: Target): boolean =>
    hosts.some((entry) => entry.host === target.host && (entry.port === null || entry.port === target.port));
  return {
    allowsAddress: (target, address) => {
      if (isMetadataAddress(address)) return target.host === address && named(target);
      return named(target) || networks.some((network) => contains(network, address));
    },
    allowsPort: (target) => hosts.some((entry) => entry.host === target.host && entry.port === target.port),
  };
}

/** The host of a URL in the one spelling that this folder compares. */
export function normalHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/u, "$1")
    .replace(/\.$/u, "");
}

function parseNetwork(entry: string): Network {
  if (!ipaddr.isValidCIDR(entry)) throw invalidEntry(entry);
  return ipaddr.parseCIDR(entry);
}

function parseHost(entry: string): HostEntry {
  const text = isIPv6(entry) ? `[${entry}]` : entry;
  const port = /:(?<port>\d{1,5})$/u.exec(text)?.groups?.["port"];
  const url = URL.parse(`http://${text}`);
  const plain = url !== null && url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "";
  if (!plain || entry.includes("*")) throw invalidEntry(entry);
  return { host: normalHost(url.hostname), port: port === undefined ? null : Number(port) };
}

function contains([base, bits]: Network, text: string): boolean {
  const address = parseAddress(text);
  return address !== null && address.kind() === base.kind() && address.match(base, bits);
}

function invalidEntry(entry: string): PlatosError {
  return new PlatosError(
    "input.invalid",
    `PLATOS_EGRESS_ALLOW holds "${entry}", which is neither a network (10.0.0.0/8) nor a host with or without a port (127.0.0.1:4000). Correct or remove it.`,
  );
}
