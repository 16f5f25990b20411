import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";

const program = `
  import { createPinoLog } from ${JSON.stringify(new URL("./pino-log.ts", import.meta.url).href)};
  const log = createPinoLog("info");
  log.debug("not shown");
  log.info("a segment failed", { segmentId: "s1" });
  log.error("worse", { error: "x" });
`;

test("the log is one JSON object per line, on standard error, from its level up", async () => {
  verifies("P31");
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  expect(stdout).toBe("");
  const lines = stderr
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(lines).toMatchObject([
    { level: 30, msg: "a segment failed", segmentId: "s1", time: expect.stringMatching(/^\d{4}-.*Z$/u) },
    { level: 50, msg: "worse", error: "x" },
  ]);
});
