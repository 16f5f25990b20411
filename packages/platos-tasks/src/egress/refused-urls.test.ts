import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { createEgress } from "./create-egress.ts";

// The canaries listen where no request may ever arrive. Their ports are open to the egress, so that only the check of
// addresses stands between.
const canaries: Server[] = [];
let connections = 0;
let port4 = 0;
let port6 = 0;

async function openCanary(host: string, port: number): Promise<number> {
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  canaries.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen({ host, port, ipv6Only: host.includes(":") }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  port4 = await openCanary("127.0.0.1", 0);
  port6 = await openCanary("::1", 0);
});

afterAll(async () => {
  await Promise.all(canaries.map(async (server) => new Promise((resolve) => server.close(resolve))));
});

/** Names that a resolver under an attacker's control would answer for. */
const names: Readonly<Record<string, readonly string[]>> = {
  localhost: ["127.0.0.1", "::1"],
  "localhost.": ["127.0.0.1"],
  "foo.localhost": ["127.0.0.1"],
  "localhost.localdomain": ["127.0.0.1"],
  "ip6-localhost": ["::1"],
  "private4.example": ["127.0.0.1"],
  "private6.example": ["::1"],
  "mixed.example": ["93.184.216.34", "127.0.0.1"],
  "mixed-last.example": ["127.0.0.1", "93.184.216.34"],
  "mixed6.example": ["2606:4700::1", "::1"],
  "mapped.example": ["::ffff:127.0.0.1"],
  "nat64.example": ["64:ff9b::7f00:1"],
  "6to4.example": ["2002:7f00:1::"],
  "teredo.example": ["2001:0:7f00:1::"],
  "compatible.example": ["::127.0.0.1"],
  "unspecified.example": ["0.0.0.0"],
  "unspecified6.example": ["::"],
  "metadata.google.internal": ["169.254.169.254"],
  "zone.example": ["fe80::1%lo"],
  "garbage.example": ["127.1"],
  "hex.example": ["0x7f000001"],
  "127.0.0.1.nip.example": ["127.0.0.1"],
  "cgnat.example": ["100.64.0.1"],
  "benchmark.example": ["198.18.0.1"],
  "xn--tda.example": ["127.0.0.1"],
};

const literals4: readonly string[] = [
  "127.0.0.1",
  "127.0.0.1.",
  "127.1",
  "127.0.1",
  "127.000.000.001",
  "0177.0.0.1",
  "0177.0.0.01",
  "00000177.0.0.1",
  "0x7f.0.0.1",
  "0x7f.1",
  "0X7F.0X0.0X0.0X1",
  "0x7f000001",
  "0x000000007f000001",
  "2130706433",
  "2130706433.",
  "017700000001",
  "0017700000001",
  "127.0.0.2",
  "127.127.127.127",
  "127.255.255.254",
  "0",
  "0.0.0.0",
  "0x0",
  "00",
  "0.0",
  "0.0.0.1",
  "%31%32%37.0.0.1",
  "127%2e0%2e0%2e1",
  "127。0。0。1",
  "127.0。0.1",
  "１２７.0.0.1",
  "①②⑦.⓪.⓪.①",
  "𝟏𝟐𝟕.0.0.1",
  "0ⓧ7f.1",
  "127.0.0.1\u00ad",
  "10.0.0.1",
  "10.255.255.255",
  "0xa000001",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.0.1",
  "192.168.257",
  "3232235521",
  "169.254.169.254",
  "0xa9fea9fe",
  "2852039166",
  "0251.0376.0251.0376",
  "169.254.43518",
  "169.16689662",
  "168.63.129.16",
  "100.64.0.1",
  "100.100.100.200",
  "198.18.0.1",
  "198.19.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "198.51.100.1",
  "203.0.113.1",
  "192.88.99.1",
  "224.0.0.1",
  "239.255.255.250",
  "240.0.0.1",
  "255.255.255.255",
  "4294967295",
];

const literals6: readonly string[] = [
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[0000:0000:0000:0000:0000:0000:0000:0001]",
  "[::0001]",
  "[::]",
  "[0::0]",
  "[::127.0.0.1]",
  "[::7f00:1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::FFFF:127.0.0.1]",
  "[0:0:0:0:0:ffff:127.0.0.1]",
  "[::ffff:0:127.0.0.1]",
  "[::ffff:0.0.0.0]",
  "[::ffff:169.254.169.254]",
  "[::ffff:a9fe:a9fe]",
  "[::ffff:10.0.0.1]",
  "[64:ff9b::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b::a9fe:a9fe]",
  "[64:ff9b:1::7f00:1]",
  "[2002:7f00:1::]",
  "[2002:7f00:1::1]",
  "[2002:a9fe:a9fe::]",
  "[2001:0:7f00:1::]",
  "[2001::80ff:fffe]",
  "[2001:db8::1]",
  "[2001:10::1]",
  "[100::1]",
  "[fc00::1]",
  "[fd00::1]",
  "[fd00:ec2::254]",
  "[fe80::1]",
  "[fec0::1]",
  "[ff02::1]",
  "[3fff::1]",
  "[4000::1]",
];

const otherForms: readonly string[] = [
  "http://user@127.0.0.1:{port}/",
  "http://user:password@127.0.0.1:{port}/",
  "http://example.com@127.0.0.1:{port}/",
  "http://127.0.0.1:{port}@example.com/",
  "http://example.com%40127.0.0.1:{port}/",
  "http:/\\127.0.0.1:{port}/",
  "http:\\\\127.0.0.1:{port}\\",
  "http:127.0.0.1:{port}",
  "http:////127.0.0.1:{port}/",
  " http://127.0.0.1:{port}/",
  "ht\ntp://127.0.0.1:{port}/",
  "http://127.0.\t0.1:{port}/",
  "HTTP://127.0.0.1:{port}/",
  "https://127.0.0.1:{port}/",
  "http://127.0.0.1:0{port}/",
  "http://127.0.0.1:{port}#@example.com/",
  "http://127.0.0.1:{port}?@example.com/",
  "http://127.0.0.1:{port}\\@example.com/",
  "//127.0.0.1:{port}/",
  "127.0.0.1:{port}",
  "ftp://127.0.0.1:{port}/",
  "gopher://127.0.0.1:{port}/_x",
  "ws://127.0.0.1:{port}/",
  "file:///etc/passwd",
  "file://127.0.0.1/etc/passwd",
  "data:text/plain,hello",
  "blob:http://127.0.0.1:{port}/x",
  "javascript:fetch('http://127.0.0.1:{port}')",
  "about:blank",
  "unix:/var/run/docker.sock",
  "http://",
  "http://[::1",
  "http://[fe80::1%25lo]:{port}/",
  "",
  "not a url",
];

describe("no URL reaches a server on this machine", () => {
  const table = [
    ...literals4.map((host) => `http://${host}:{port}/`),
    ...literals6.map((host) => `http://${host}:{port6}/`),
    ...Object.keys(names).map((host) => `http://${host}:{port}/`),
    ...otherForms,
  ];

  it("tries at least a hundred forms", () => {
    verifies("S06");
    expect(new Set(table).size).toBeGreaterThanOrEqual(100);
  });

  it.each(table)("refuses %j", async (form) => {
    const egress = createEgress({
      allowPorts: [port4, port6],
      lookup: async (hostname) => names[hostname] ?? [],
      timeoutMs: 5_000,
    });
    const url = form.replaceAll("{port}", String(port4)).replaceAll("{port6}", String(port6));
    try {
      await expect(egress.fetch({ url, signal: AbortSignal.timeout(10_000) })).rejects.toMatchObject({
        code: "egress.refused",
      });
      expect(connections).toBe(0);
    } finally {
      await egress.close();
    }
  });

  it("would have counted a connection", async () => {
    const egress = createEgress({ allowPrivateHosts: [`127.0.0.1:${port4}`] });
    await expect(
      egress.fetch({ url: `http://127.0.0.1:${port4}/`, signal: AbortSignal.timeout(10_000) }),
    ).rejects.toMatchObject({ code: "tool.failed" });
    await egress.close();
    expect(connections).toBe(1);
  });
});
