import { expect, test } from "vitest";
import { verifies } from "../../spec/verifies.ts";
import { modelNames, startModel } from "../harness/models.ts";
import { scrapeSite } from "./run.ts";

test.for(modelNames)(
  "the answer names facts that stand only on inner pages (%s)",
  { timeout: 120_000 },
  async (name) => {
    verifies("P12");
    const model = await startModel(name);
    try {
      const question = "how many passengers does the largest boat carry, and when is the harbour office open?";
      const { result, read } = await scrapeSite(model, question);
      expect(result).toContain("412");
      expect(result).toContain("6:40");
      expect(read).toEqual(expect.arrayContaining(["/", "/fleet.html", "/prices.html", "/about/office.html"]));
    } finally {
      await model.stop();
    }
  },
);
