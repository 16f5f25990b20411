import { expect, test } from "vitest";
import { verifies } from "../../spec/verifies.ts";
import { question, startPainterModel } from "./painter-model.ts";
import { askCustomer } from "./run.ts";

test(
  "the answer finds its question, though three workers were killed and the database restarted in between",
  { timeout: 120_000 },
  async () => {
    verifies("P11", "P22");
    const model = await startPainterModel();
    let callsBefore = 0;
    try {
      const asked = await askCustomer(
        { PLATOS_MODEL: "openai-compatible:painter", OPENAI_COMPATIBLE_BASE_URL: model.baseUrl },
        {
          reply: "Blue, like last year.",
          async meanwhile(deployment) {
            await deployment.replaceWorker();
            await deployment.restartDatabase();
            await deployment.replaceWorker();
            await deployment.replaceWorker();
            callsBefore = model.requests.length;
          },
        },
      );
      expect(asked).toEqual({
        question,
        statusWhileWaiting: "waiting",
        result: "Paint ordered. The customer said: Blue, like last year.",
        terminalMessages: 1,
      });
      // Nobody is asked again for what was recorded: the answer cost one call of the sub-agent and one of the chat.
      expect(callsBefore).toBe(3);
      await expect.poll(() => model.requests.length).toBe(5);
    } finally {
      await model.close();
    }
  },
);
