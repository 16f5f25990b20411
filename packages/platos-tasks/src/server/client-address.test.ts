import type { Context } from "hono";
import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { clientAddress } from "./client-address.ts";

function addressOf(remoteAddress: string, forwarded: string | undefined, isBehindProxy: boolean): string {
  const c = { env: { incoming: { socket: { remoteAddress } } }, req: { header: () => forwarded } };
  return clientAddress(c as unknown as Context, { isBehindProxy });
}

test.each([
  ["an IPv4 address", "203.0.113.7", "203.0.113.7"],
  ["an IPv4 address on an IPv6 socket", "::ffff:203.0.113.7", "203.0.113.7"],
  ["the network of an IPv6 address", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["the network of a short IPv6 address", "2001:DB8::1", "2001:db8:0:0"],
  ["loopback", "::1", "0:0:0:0"],
  ["one with its zone", "fe80::1%eth0", "fe80:0:0:0"],
])("a caller is known by %s", (_what, remote, expected) => {
  verifies("S10");
  expect(addressOf(remote, "198.51.100.1", false)).toBe(expected);
});

test.each([
  ["the last one a proxy beside us names", "127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"],
  ["the proxy, if it names none", "10.0.0.1", undefined, "10.0.0.1"],
  ["the proxy, if it names nonsense", "10.0.0.1", "unknown", "10.0.0.1"],
  ["the one who calls, if that is no neighbour", "203.0.113.7", "198.51.100.1", "203.0.113.7"],
])("behind a proxy it is %s", (_what, remote, forwarded, expected) => {
  verifies("S10");
  expect(addressOf(remote, forwarded, true)).toBe(expected);
});
