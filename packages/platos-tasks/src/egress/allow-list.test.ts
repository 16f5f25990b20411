import { describe, expect, it } from "vitest";
import { parseAllowList } from "./allow-list.ts";

describe("parseAllowList", () => {
  it("opens a host with a port for that port only", () => {
    const list = parseAllowList(["127.0.0.1:4000"]);
    expect(list.allowsAddress({ host: "127.0.0.1", port: 4000 }, "127.0.0.1")).toBe(true);
    expect(list.allowsPort({ host: "127.0.0.1", port: 4000 })).toBe(true);
    expect(list.allowsAddress({ host: "127.0.0.1", port: 80 }, "127.0.0.1")).toBe(false);
    expect(list.allowsPort({ host: "127.0.0.1", port: 80 })).toBe(false);
  });

  it("opens a host only under the name as written, so that no foreign name can stand for it", () => {
    const list = parseAllowList(["127.0.0.1:4000", "localhost"]);
    expect(list.allowsAddress({ host: "attacker.example", port: 4000 }, "127.0.0.1")).toBe(false);
    expect(list.allowsAddress({ host: "localhost", port: 80 }, "::1")).toBe(true);
  });

  it("opens no port with a host without one", () => {
    expect(parseAllowList(["localhost"]).allowsPort({ host: "localhost", port: 5432 })).toBe(false);
  });

  it("opens a network under every name", () => {
    const list = parseAllowList(["10.0.0.0/8", "fd00::/8"]);
    expect(list.allowsAddress({ host: "wiki.corp", port: 80 }, "10.1.2.3")).toBe(true);
    expect(list.allowsAddress({ host: "wiki.corp", port: 80 }, "::ffff:10.1.2.3")).toBe(true);
    expect(list.allowsAddress({ host: "wiki.corp", port: 80 }, "fd12::1")).toBe(true);
    expect(list.allowsAddress({ host: "wiki.corp", port: 80 }, "192.168.0.1")).toBe(false);
  });

  it("opens metadata addresses only to an entry that is the address itself", () => {
    const target = { host: "169.254.169.254", port: 80 };
    expect(parseAllowList(["169.254.0.0/16", "fd00::/8"]).allowsAddress(target, target.host)).toBe(false);
    expect(parseAllowList(["metadata.corp"]).allowsAddress({ host: "metadata.corp", port: 80 }, target.host)).toBe(
      false,
    );
    expect(parseAllowList(["169.254.169.254"]).allowsAddress(target, target.host)).toBe(true);
  });

  it("reads IPv6 hosts with and without brackets and keeps ports 80 and 443", () => {
    const list = parseAllowList(["::1", "[fd00::2]:4000", "intranet:80", " ", "Wiki.Corp:443"]);
    expect(list.allowsAddress({ host: "::1", port: 8080 }, "::1")).toBe(true);
    expect(list.allowsPort({ host: "fd00::2", port: 4000 })).toBe(true);
    expect(list.allowsPort({ host: "intranet", port: 80 })).toBe(true);
    expect(list.allowsAddress({ host: "intranet", port: 8080 }, "10.0.0.1")).toBe(false);
    expect(list.allowsPort({ host: "wiki.corp", port: 443 })).toBe(true);
  });

  it.each(["10.0.0.0/99", "http://localhost", "*", "*.corp", "a b", "host:99999", "user@host", "10.0.0.1/x"])(
    "refuses the entry %j and names the setting",
    (entry) => {
      expect(() => parseAllowList([entry])).toThrow(
        expect.objectContaining({ code: "input.invalid", message: expect.stringContaining("PLATOS_EGRESS_ALLOW") }),
      );
    },
  );
});
