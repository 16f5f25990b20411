import { PlatosError } from "../core/errors.ts";
import type { EnvironmentSlugs } from "../core/ports/store.ts";

// Another tenant's id and an id that never was are told in the same words.

export function bgoNotFound(id: string): PlatosError {
  return new PlatosError("bgo.not_found", `There is no BGO ${id} here. List them to see which there are.`);
}

export function threadNotFound(id: string): PlatosError {
  return new PlatosError("thread.not_found", `There is no thread ${id} here. List the threads, or make one.`);
}

export function waitpointNotFound(id: string): PlatosError {
  return new PlatosError("waitpoint.not_found", `There is no waitpoint ${id} here. List them to see which there are.`);
}

export function agentNotFound(idOrSlug: string): PlatosError {
  return new PlatosError("agent.not_found", `There is no agent ${idOrSlug} here. List the agents, or make one.`);
}

export function scheduleNotFound(id: string): PlatosError {
  return new PlatosError("schedule.not_found", `There is no schedule ${id} here. List the schedules, or make one.`);
}

export function keyNotFound(id: string): PlatosError {
  return new PlatosError("key.not_found", `There is no key ${id} here. List the keys to see which there are.`);
}

/** For those who name it on the command line; a key or a session always has one. */
export function environmentNotFound({ org, project, env }: EnvironmentSlugs): PlatosError {
  return new PlatosError(
    "input.invalid",
    `There is no environment ${org}/${project}/${env}. \`platos keys create\` makes it.`,
  );
}
