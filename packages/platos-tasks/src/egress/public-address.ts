import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Network = [ipaddr.IPv6, number];

// Inside global unicast, yet not the public internet: they tunnel to an IPv4 address of the sender's choice, or are
// set aside for protocols, measurements and documentation (IANA special-purpose address registries).
const notPublicV6: readonly Network[] = [
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "2620:4f:8000::/48",
  "3fff::/20",
].map((cidr) => ipaddr.IPv6.parseCIDR(cidr));

const globalUnicastV6: Network = ipaddr.IPv6.parseCIDR("2000::/3");
const benchmarkingV4 = ipaddr.IPv4.parseCIDR("198.18.0.0/15");

// What a cloud hands its credentials out on. Azure's is inside public space; the others sit in private ranges that an
// operator may well allow as a whole.
const metadataAddresses: ReadonlySet<string> = new Set([
  "100.100.100.200",
  "168.63.129.16",
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "192.0.0.192",
  "fd00:ec2::23",
  "fd00:ec2::254",
  "fd20:ce::254",
]);

/** Parses the canonical text of an address; an IPv4-mapped IPv6 address becomes the IPv4 address that it means. */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (isIP(text) === 0) return null;
  return ipaddr.process(text);
}

/** True for an address that hands out a cloud machine's credentials. */
export function isMetadataAddress(text: string): boolean {
  const address = parseAddress(text);
  return address !== null && metadataAddresses.has(address.toString());
}

/** True only for addresses of the public internet. Text that is not an address is not public. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  if (address === null || metadataAddresses.has(address.toString()) || address.range() !== "unicast") return false;
  if (address instanceof ipaddr.IPv4) return !address.match(benchmarkingV4);
  return address.match(globalUnicastV6) && !notPublicV6.some((network) => address.match(network));
}
