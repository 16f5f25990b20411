import { afterAll, beforeAll, expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import {
  callServer,
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../testing/test-server.ts";
import { problem } from "./contracts/problem.ts";

const fixture = useRuntime({ works: false });
let server: TestServer;
let tenant: TestTenant;

beforeAll(async () => {
  server = await startTestServer(fixture.runtime);
  tenant = await createTestTenantWithKey(fixture.runtime, server);
});

afterAll(() => server.close());

interface Operation {
  readonly responses: Record<string, { readonly content?: object; readonly $ref?: string }>;
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

interface Described {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

async function description() {
  const { body } = await callServer(server, { method: "GET", path: "/openapi.json" });
  const paths = body["paths"] as Record<string, Record<string, Operation>>;
  const operations = Object.entries(paths).flatMap(([path, item]): Described[] =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  return { operations, components: body["components"] as Record<string, Record<string, unknown>> };
}

const strictProblem = problem.strict();

test("each described route is there, and answers nonsense with what it describes", async () => {
  verifies("P30", "R1");
  const { operations, components } = await description();
  expect(components["responses"]).toHaveProperty("Problem.content.application/problem+json");
  expect(components["schemas"]).toHaveProperty("Problem.properties.code");
  const seen = new Set<number>();
  for (const { method, path, operation } of operations.filter((each) => !each.path.startsWith("/w/"))) {
    const body = method === "POST" || method === "PATCH" ? { nonsense: true } : undefined;
    const answer = await tenant.call(method, path.replaceAll(/\{\w+\}/gu, "nonsense"), body);
    const name = `${method} ${path} answered ${answer.status}`;
    seen.add(answer.status);
    if (answer.status < 400) {
      expect(Object.keys(operation.responses), name).toContain(String(answer.status));
      continue;
    }
    expect(operation.responses["default"], name).toEqual({ $ref: "#/components/responses/Problem" });
    expect(answer.headers.get("content-type"), name).toBe("application/problem+json");
    expect(strictProblem.safeParse(answer.body), name).toMatchObject({ success: true });
    expect(answer.body["code"], name).not.toBe("route.not_found");
  }
  expect([...seen]).toEqual(expect.arrayContaining([200, 204, 404, 422]));
});

test("each route that needs a key says so, and no other does", async () => {
  verifies("P30", "S03");
  const { operations, components } = await description();
  expect(Object.keys(components["securitySchemes"] ?? {})).toEqual(["apiKey", "session"]);
  for (const { method, path, operation } of operations.filter((each) => !each.path.startsWith("/w/"))) {
    const filled = path.replaceAll(/\{\w+\}/gu, "nonsense");
    const { status, body } = await callServer(server, { method, path: filled });
    const wantsKey = status === 401 && String(body["detail"]).includes("Authorization");
    expect(operation.security?.length === 0, `${method} ${path} answered ${status}`).toBe(!wantsKey);
  }
});

test("the headers that a client may send are named", async () => {
  verifies("P30");
  const { operations } = await description();
  const taking = (header: string): string[] =>
    operations
      .filter(({ operation }) =>
        operation.parameters?.some(({ in: place, name }) => place === "header" && name === header),
      )
      .map(({ path }) => path);
  expect(taking("idempotency-key")).toEqual([
    "/api/v1/platos-tasks",
    "/api/v1/schedules",
    "/api/v1/threads/{threadId}/messages",
  ]);
  expect(taking("last-event-id")).toEqual(["/api/v1/events"]);
});
