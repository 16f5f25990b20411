import { type Context, Hono } from "hono";
import { PlatosError } from "../../core/errors.ts";
import { isJsonObject, type Json } from "../../core/json.ts";
import type { WaitpointRow } from "../../core/ports/store.ts";
import { hasPage, waitLimits } from "../../core/waitpoint.ts";
import { completeWaitpoint, tooLate } from "../../operations/waits/complete-waitpoint.ts";
import { limitBytes } from "../body-limit.ts";
import { errorResponse } from "../error-response.ts";
import { isFormType, mediaTypeOf, readFormEntries } from "../form-body.ts";
import type { ServerContext } from "../server-context.ts";
import type { TokenDoor, TokenVariables } from "../token-door.ts";
import { readApproval } from "./approval.ts";
import { type FormEntries, readForm } from "./read-form.ts";
import { formOf } from "./form-fields.ts";
import { formPage } from "./form-page.ts";
import { notePage } from "./page-frame.ts";
import { pagePolicy } from "./page-style.ts";

type PageContext = Context<TokenVariables>;

/** `/w/{token}`: what is asked, as a page. GET shows it and changes nothing; POST answers, once. */
export function waitPageRoutes({ runtime }: ServerContext, openByToken: TokenDoor): Hono<TokenVariables> {
  const { operations, log } = runtime;
  const pages = new Hono<TokenVariables>();
  pages.onError((error, c) => problemPage(c, errorResponse(c, error, log), error));
  pages.use(async (c, next) => {
    c.header("content-security-policy", pagePolicy);
    c.header("cache-control", "no-store");
    c.header("x-robots-tag", "noindex, nofollow");
    await next();
  });
  pages.use("/:token", openByToken(hasPage), limitBytes(waitLimits.valueBytes));
  pages.get("/:token", async (c) => {
    const { waitpoint } = c.var;
    const isOver = waitpoint.status !== "open" || waitpoint.dueAt <= (await operations.store.autocommit.now());
    if (isOver) throw tooLate(waitpoint, null);
    return c.html(formPage(waitpoint, formOf(waitpoint.schema), null));
  });
  const answer = (waitpoint: WaitpointRow, value: Json) =>
    completeWaitpoint(operations, waitpoint, {
      status: "completed",
      value,
      actor: { type: "link", id: null },
      isPosted: true,
    });
  pages.post("/:token", async (c) => {
    const { waitpoint } = c.var;
    if (!isFormType(mediaTypeOf(c))) {
      await answer(waitpoint, await readJsonAnswer(c));
      return c.json({ status: "completed" });
    }
    const entries = await readFormEntries(c);
    try {
      await answer(waitpoint, valueOf(waitpoint, entries));
      return c.html(notePage({ title: "Thank you", text: "Your answer was taken. You can close this page." }));
    } catch (error) {
      if (!PlatosError.is(error) || error.code !== "input.invalid") throw error;
      return c.html(formPage(waitpoint, formOf(waitpoint.schema), { entries, issues: error.issues }), 422);
    }
  });
  pages.all("*", () => {
    throw new PlatosError("route.not_found", "There is nothing behind this link. Check that you have all of it.");
  });
  return pages;
}

/** What a form says. Errors: `input.invalid` for what cannot be read; the schema is looked at later. */
function valueOf(waitpoint: WaitpointRow, entries: FormEntries): Json {
  if (waitpoint.kind === "approval") return readApproval(entries);
  const { value, issues } = readForm(formOf(waitpoint.schema), entries);
  if (issues.length > 0 && waitpoint.status === "open") {
    throw new PlatosError("input.invalid", "Some fields cannot be read.", { issues });
  }
  return value;
}

/** `{value}`, as for the API, or the value itself. */
async function readJsonAnswer(c: PageContext): Promise<Json> {
  if (mediaTypeOf(c) !== "application/json") {
    throw new PlatosError("request.media_type", "Send the answer as a form, or as JSON.");
  }
  const body: Json = await c.req.json<Json>().catch(() => {
    throw new PlatosError("request.malformed", "The body is not well-formed JSON. Check it and send it again.");
  });
  const isWrapped = isJsonObject(body) && Object.keys(body).join() === "value";
  return isWrapped ? (body["value"] ?? null) : body;
}

/** The same status and the same words, as a page; who sent JSON gets the problem itself. */
async function problemPage(c: PageContext, problem: Response, error: unknown): Promise<Response> {
  if (mediaTypeOf(c) === "application/json") return problem;
  const { title, detail } = (await problem.json()) as { title: string; detail: string };
  for (const name of ["retry-after", "connection"]) {
    const value = problem.headers.get(name);
    if (value !== null) c.header(name, value);
  }
  const isMissing = PlatosError.is(error) && (error.code === "waitpoint.not_found" || error.code === "route.not_found");
  const page = notePage({ title: isMissing ? "Nothing here" : title, text: detail });
  return c.html(page, problem.status as 400);
}
