import { z } from "zod";
import type { Schemas } from "../core/ports/schemas.ts";
import { defineWaitTool, type WaitTool } from "../core/tool.ts";
import { usableSchema } from "../operations/waits/usable-schema.ts";
import { questionField, timeoutSeconds } from "./wait-fields.ts";

const inputSchema = z
  .strictObject({
    question: questionField.optional().describe("what is asked; shown on the page behind the link"),
    schema: z
      .record(z.string(), z.json())
      .optional()
      .describe(
        "JSON Schema of the answer, such as {type:'object',properties:{approved:{type:'boolean'}}}; makes the form",
      ),
    signedBy: z
      .string()
      .max(100)
      .optional()
      .describe("name of a configured webhook secret: only webhooks that are signed with it are taken"),
    signatureHeader: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/u)
      .optional()
      .describe("header with the hex HMAC-SHA256 of the body; left out: Standard Webhooks"),
    waitpointId: z.string().max(64).optional().describe("a token that was made before, to wait for that one instead"),
    timeoutSeconds: timeoutSeconds
      .optional()
      .describe(
        "how long to wait at most, in seconds; then you are told that nobody answered (30 days, or as the token has it)",
      ),
  })
  .refine((input) => (input.question === undefined) !== (input.waitpointId === undefined), {
    error: "give either question, to make a token, or waitpointId, to wait for one that was made before",
  });

export function waitForTokenTool({ schemas }: { readonly schemas: Schemas }): WaitTool {
  return defineWaitTool({
    name: "wait_for_token",
    description:
      "Waits for somebody outside: makes a link that is shown in the conversation, with a form, and that webhooks and e-mail can answer too. Costs nothing meanwhile. Answers with the value that came in, or that none did in time.",
    inputSchema,
    request: ({ question, schema, signedBy, signatureHeader, waitpointId, ...input }) => ({
      kind: "token",
      question: question ?? null,
      schema: schema === undefined ? null : usableSchema(schemas, schema),
      signature:
        signedBy === undefined
          ? null
          : { secret: signedBy, ...(signatureHeader === undefined ? {} : { header: signatureHeader }) },
      waitpointId: waitpointId ?? null,
      timeoutSeconds: input.timeoutSeconds ?? null,
    }),
  });
}
