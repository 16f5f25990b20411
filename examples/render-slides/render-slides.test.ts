import { expect, test } from "vitest";
import { verifies } from "../../spec/verifies.ts";
import { modelNames, startModel } from "../harness/models.ts";
import { renderSlides } from "./run.ts";

test.for(modelNames)(
  "a deck of a dozen slides comes back as a PDF of a dozen pages (%s)",
  { timeout: 120_000 },
  async (name) => {
    verifies("P15");
    const model = await startModel(name);
    try {
      const { answer, pages } = await renderSlides(model);
      expect(answer).toMatch(/bgo_[0-9a-z]{26}/u);
      expect(pages).toHaveLength(12);
      expect(pages[0]).toContain("Third quarter review");
      expect(pages[2]).toContain("4,310");
      expect(pages[6]).toContain("12 s later");
      expect(pages[11]).toContain("Questions are welcome");
      expect(model.requests() ?? 4).toBeGreaterThanOrEqual(4);
    } finally {
      await model.stop();
    }
  },
);
