import type {
  Agent,
  ApiKey,
  AuditEntry,
  Bgo,
  CancelReceipt,
  CreateThreadBody,
  CreateTokenBody,
  Message,
  MessageReceipt,
  Problem,
  Session,
  ScheduleReceipt,
  Schedule,
  ScheduleFire,
  CancelScheduleReceipt,
  CreateScheduleBody,
  SpawnReceipt,
  Step,
  Thread,
  Turn,
  Waitpoint,
} from "@platos-tasks/client";
import type { z } from "@hono/zod-openapi";
import { expect, expectTypeOf, test } from "vitest";
import type * as access from "./access.ts";
import type * as agents from "./agent.ts";
import type * as bgos from "./bgo.ts";
import { stepQuery } from "./bgo.ts";
import type * as problems from "./problem.ts";
import type * as schedules from "./schedule.ts";
import type * as threads from "./thread.ts";
import type * as waitpoints from "./waitpoint.ts";

/**
 * zod writes optional members as `| undefined`, the client does not: rows that have some are compared by what extends.
 * Read-only marks differ in depth between the two sides; what counts is that each can stand for the other.
 */
type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;

test("what the server states and what the client types are the same, in both directions", () => {
  expectTypeOf<Agent>().toExtend<z.output<typeof agents.agent>>();
  expectTypeOf<Same<keyof z.output<typeof agents.agent>, keyof Agent>>().toEqualTypeOf<true>();
  expectTypeOf<Bgo>().toExtend<z.output<typeof bgos.bgo>>();
  expectTypeOf<Same<keyof z.output<typeof bgos.bgo>, keyof Bgo>>().toEqualTypeOf<true>();
  expectTypeOf<Same<z.output<typeof bgos.spawnReceipt>, SpawnReceipt>>().toEqualTypeOf<true>();
  expectTypeOf<Same<z.output<typeof bgos.scheduleReceipt>, ScheduleReceipt>>().toEqualTypeOf<true>();
  expectTypeOf<Same<z.output<typeof bgos.cancelReceipt>, CancelReceipt>>().toEqualTypeOf<true>();
  expectTypeOf<Same<z.output<typeof bgos.auditEntry>, AuditEntry>>().toEqualTypeOf<true>();
  expectTypeOf<Same<z.output<typeof bgos.step>["kind"], Step["kind"]>>().toEqualTypeOf<true>();
  expectTypeOf<Schedule>().toExtend<z.output<typeof schedules.schedule>>();
  expectTypeOf<Same<keyof z.output<typeof schedules.schedule>, keyof Schedule>>().toEqualTypeOf<true>();
  expectTypeOf<Same<z.output<typeof schedules.scheduleFire>, ScheduleFire>>().toEqualTypeOf<true>();
  expectTypeOf<CancelScheduleReceipt>().toExtend<z.output<typeof schedules.cancelScheduleReceipt>>();
  expectTypeOf<
    Same<keyof z.input<typeof schedules.createScheduleBody>, keyof CreateScheduleBody>
  >().toEqualTypeOf<true>();
  expectTypeOf<Same<z.output<typeof threads.thread>, Thread>>().toEqualTypeOf<true>();
  expectTypeOf<Same<z.output<typeof threads.turn>, Turn>>().toEqualTypeOf<true>();
  expectTypeOf<Message>().toExtend<z.output<typeof threads.message>>();
  expectTypeOf<Same<keyof z.output<typeof threads.message>, keyof Message>>().toEqualTypeOf<true>();
  expectTypeOf<Same<z.output<typeof threads.messageReceipt>, MessageReceipt>>().toEqualTypeOf<true>();
  expectTypeOf<Waitpoint>().toExtend<z.output<typeof waitpoints.waitpoint>>();
  expectTypeOf<Same<keyof z.output<typeof waitpoints.waitpoint>, keyof Waitpoint>>().toEqualTypeOf<true>();
  expectTypeOf<Same<keyof z.input<typeof waitpoints.createTokenBody>, keyof CreateTokenBody>>().toEqualTypeOf<true>();
  expectTypeOf<CreateThreadBody>().toExtend<z.input<typeof threads.createThreadBody>>();
  expectTypeOf<Same<z.output<typeof problems.problem>, Problem>>().toEqualTypeOf<true>();
  expectTypeOf<Same<z.output<typeof access.session>, Session>>().toEqualTypeOf<true>();
  expectTypeOf<Same<z.output<typeof access.apiKey>, ApiKey>>().toEqualTypeOf<true>();
});

test("an empty cursor of steps is none, as of every other list", () => {
  expect(stepQuery.parse({ cursor: "" })).toEqual(stepQuery.parse({}));
  expect(stepQuery.parse({ cursor: "0" })).toMatchObject({ cursor: 0 });
});
