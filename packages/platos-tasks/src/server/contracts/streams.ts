import { z } from "@hono/zod-openapi";

// Streams are handled by hand, so these describe them for the published contract only.

const eventStream = (description: string) => ({
  description,
  content: { "text/event-stream": { schema: z.string() } },
});

/** `GET /events`. */
export const eventsDescription = {
  method: "get",
  path: "/api/v1/events",
  request: {
    headers: z.object({ "last-event-id": z.string().optional().openapi({ description: "cursor to go on from" }) }),
    query: z.object({
      topics: z.string().openapi({ description: "comma-separated: bgos, thread:{id}, bgo:{id}" }),
      after: z.string().optional().openapi({ description: "cursor to go on from; the header Last-Event-ID wins" }),
    }),
  },
  responses: { 200: eventStream("server-sent events; each id is a cursor, each data line one event as JSON") },
} as const;

const resetStepMeaning = "false for clients that do not know the chunk reset-step; they see no reasoning";
const uiMessageStream = eventStream("AI SDK UI message stream, version 1");

/** `POST /chat`. */
export const chatDescription = {
  method: "post",
  path: "/api/v1/chat",
  request: {
    body: {
      content: {
        "application/json": {
          schema: z.looseObject({
            id: z.string().openapi({ description: "the client's chat id, or a thread's id" }),
            messages: z.array(z.looseObject({ id: z.string(), role: z.string() })),
            trigger: z.enum(["submit-message", "regenerate-message"]).optional(),
            agent: z.string().optional().openapi({ description: "id or slug; used when the thread is made" }),
            messageId: z
              .string()
              .optional()
              .openapi({ description: "of the message that is edited or answered again" }),
            resetStep: z.boolean().optional().openapi({ description: resetStepMeaning }),
            inReplyTo: z.string().optional().openapi({ description: "waitpoint of the question that it answers" }),
          }),
        },
      },
    },
  },
  responses: { 200: uiMessageStream },
} as const;

/** `GET /chat/{chatId}/stream`. */
export const chatStreamDescription = {
  method: "get",
  path: "/api/v1/chat/{chatId}/stream",
  request: {
    params: z.object({ chatId: z.string().openapi({ description: "the client's chat id, or a thread's id" }) }),
    query: z.object({ resetStep: z.enum(["true", "false"]).optional().openapi({ description: resetStepMeaning }) }),
  },
  responses: { 200: uiMessageStream, 204: { description: "no answer is being written" } },
} as const;
