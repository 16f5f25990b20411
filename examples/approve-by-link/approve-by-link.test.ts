import { expect, test } from "vitest";
import { verifies } from "../../spec/verifies.ts";
import { modelNames, startModel } from "../harness/models.ts";
import { decideByLink } from "./run.ts";

test.for(modelNames)("a tool runs once somebody has approved it by a link (%s)", { timeout: 120_000 }, async (name) => {
  verifies("P23.a", "P21.a");
  const model = await startModel(name);
  try {
    const decided = await decideByLink(model, "approve");
    expect(decided.page).toContain("render_pdf");
    expect(decided.page).toContain("A red chair.");
    expect(decided.statusAfterLooking).toBe("open");
    expect(decided.secondPress).toBe(409);
    expect(decided.files).toHaveLength(1);
  } finally {
    await model.stop();
  }
});

test("a tool that somebody denied by a link does not run, and the result says so", { timeout: 120_000 }, async () => {
  verifies("P23.a");
  const model = await startModel("demo");
  try {
    const decided = await decideByLink(model, "deny");
    expect(decided.files).toEqual([]);
    expect(decided.result).toContain("denied");
  } finally {
    await model.stop();
  }
});
