import type { Agent } from "../core/agent.ts";
import type { Caps } from "../core/caps.ts";
import { PlatosError } from "../core/errors.ts";
import type { CapCounts } from "../core/ports/store.ts";
import type { Caller } from "./context.ts";
import { threadNotFound } from "./not-found.ts";
import { depthOf, type SpawnParent, type SpawnRequest } from "./spawn-request.ts";

/** Never more than the agent has, and never more than a parent BGO was given. Throws `tool.not_found`. */
export function grantedTools(agent: Agent, { tools, parent }: SpawnRequest): readonly string[] {
  const grantable = parent?.kind === "bgo" ? parent.bgo.tools : agent.tools;
  if (tools === undefined) return grantable;
  const missing = tools.filter((tool) => !grantable.includes(tool));
  if (missing.length === 0) return tools;
  const known = grantable.length === 0 ? "It has none." : `It may use: ${grantable.join(", ")}.`;
  throw new PlatosError("tool.not_found", `Agent ${agent.slug} has no tool ${missing.join(", ")}. ${known}`, {
    issues: [{ path: "tools", message: `not granted: ${missing.join(", ")}` }],
  });
}

/** A model may not borrow another agent's tools by spawning into that agent's thread. */
export function refuseForeignAgent({ actor }: Caller, agent: Agent): void {
  if (actor.type !== "agent" || actor.id === agent.id) return;
  throw new PlatosError(
    "input.invalid",
    "This thread is another agent's. Leave threadId out to use this conversation.",
    {
      issues: [{ path: "threadId", message: "belongs to another agent" }],
    },
  );
}

/** A family of BGOs lives in one thread, whose lock keeps their ends apart. */
export function refuseOtherThread({ parent, threadId }: SpawnRequest): void {
  if (parent?.kind !== "bgo" || threadId === parent.bgo.threadId) return;
  throw new PlatosError("input.invalid", `What ${parent.bgo.id} spawns belongs into its own thread.`, {
    issues: [{ path: "threadId", message: `must be ${parent.bgo.threadId}` }],
  });
}

/** A BGO whose conversation was deleted runs on, but has no place for children. */
export function threadGone(threadId: string, { parent }: SpawnRequest): PlatosError {
  if (parent?.kind !== "bgo") return threadNotFound(threadId);
  const message = "The conversation was deleted, so nothing more can be spawned for it. Do the work here instead.";
  return new PlatosError("thread.not_found", message);
}

/** A thread has one agent: naming another one is a mistake. */
export function refuseOtherAgent(agent: Agent, { agent: named, threadId }: SpawnRequest): void {
  if (named === undefined || named === agent.id || named === agent.slug) return;
  throw new PlatosError("input.invalid", `Thread ${threadId} belongs to agent ${agent.slug}, not to ${named}.`, {
    issues: [{ path: "agent", message: `must be ${agent.slug} for this thread, or absent` }],
  });
}

/** Throws `bgo.cap_reached`. */
export function refuseTooDeep({ maxDepth }: Pick<Caps, "maxDepth">, depth: number): void {
  if (depth <= maxDepth) return;
  throw new PlatosError(
    "bgo.cap_reached",
    `BGOs may be nested ${maxDepth} deep; this one would be ${depth}. Do the work here instead.`,
  );
}

/** A key stands for one request, and made `holderId` from another one. */
export function keyConflict(holderId: string): PlatosError {
  return new PlatosError(
    "idempotency.conflict",
    `This idempotency key has already made ${holderId} from other arguments. Send the same arguments, or use a new key.`,
    { issues: [{ path: "idempotencyKey", message: `used by ${holderId} with other arguments` }] },
  );
}

/** Depth, live BGOs of the thread, children of the parent. Throws `bgo.cap_reached`. */
export function refuseBeyondCaps(caps: Caps, parent: SpawnParent | undefined, counts: CapCounts): void {
  refuseTooDeep(caps, depthOf(parent));
  if (counts.liveInThread >= caps.maxLivePerThread) {
    throw new PlatosError(
      "bgo.cap_reached",
      `This thread has ${counts.liveInThread} live BGOs and may have ${caps.maxLivePerThread}. Wait for some to end, or cancel some.`,
    );
  }
  if (parent !== undefined && counts.spawnedByParent >= caps.maxSpawnsPerTurn) {
    throw new PlatosError(
      "bgo.cap_reached",
      `One turn may spawn ${caps.maxSpawnsPerTurn} BGOs, and this one has. Put more work into each, or go on in a later turn.`,
    );
  }
}
