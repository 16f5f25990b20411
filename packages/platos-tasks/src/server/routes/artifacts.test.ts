import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import { useRuntime } from "../../testing/runtime-fixture.ts";
import { createTestAgent, createTestThread } from "../../testing/test-runtime.ts";
import {
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../../testing/test-server.ts";

const fixture = useRuntime({ works: false });
let server: TestServer;
let tenant: TestTenant;
let threadId: string;

beforeAll(async () => {
  server = await startTestServer(fixture.runtime);
  tenant = await createTestTenantWithKey(fixture.runtime, server);
  threadId = await createTestThread(fixture.runtime, tenant, await createTestAgent(fixture.runtime, tenant));
});

afterAll(() => server.close());

let saved = 0;
async function save(name: string, mediaType: string): Promise<string> {
  const file = { threadId, bgoId: null, key: `file ${(saved += 1)}`, name, mediaType };
  const content = new TextEncoder().encode("<script>1</script>");
  const { id } = await fixture.runtime.artifacts.save(tenant.scope, { ...file, content });
  return `/api/v1/artifacts/${id}`;
}

describe("a file that an agent made", () => {
  test("is handed out as a download of its type, never as a page of ours", async () => {
    verifies("P15");
    for (const mediaType of ["text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript"]) {
      const { status, headers } = await tenant.call("GET", await save("page.html", mediaType));
      expect(status).toBe(200);
      expect(headers.get("content-type")).toBe(mediaType);
      expect(headers.get("content-disposition")).toMatch(/^attachment;/u);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    }
  });

  test.each([
    ["report.csv", "report.csv"],
    ["report (1)*'s.pdf", "report (1)*'s.pdf"],
    ["Übersicht 漢字 😀.pdf", "_bersicht __ _.pdf"],
    ['a"b\\c%41.txt', "a_b_c_41.txt"],
  ])("keeps its name %s, for clients that know one form of it or the other", async (name, plain) => {
    verifies("P15");
    const { headers } = await tenant.call("GET", await save(name, "application/pdf"));
    const disposition = headers.get("content-disposition") ?? "";
    // The characters that RFC 8187 and RFC 9110 let stand there.
    const form =
      /^attachment; filename="(?<plain>[ !#-[\]-~]+)"; filename\*=UTF-8''(?<exact>(?:%[\da-f]{2}|[\w!#$&+.^`|~-])+)$/iu;
    const { plain: shown = "", exact = "" } = form.exec(disposition)?.groups ?? {};
    expect({ shown, exact: decodeURIComponent(exact) }).toEqual({ shown: plain, exact: name });
  });
});
