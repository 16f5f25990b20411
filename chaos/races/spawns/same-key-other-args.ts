import { PlatosError } from "../../../packages/platos-tasks/src/core/errors.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { createBarrier } from "../../../packages/platos-tasks/src/testing/gate.ts";
import { raceExercise } from "../../harness/race/run-race.ts";

const callersOfEach = 4;

/** One key, two different orders in one thread and one in another: one of the two wins, the other thread is its own. */
export const sameKeyOtherArgs = raceExercise({
  summary: "one key with other arguments and in another thread",
  ciTrials: 50,
  releaseTrials: 500,
  lanes: 4,
  runtimes: 2,
  mustHappen: ["firstArgumentsWon", "otherArgumentsWon", "conflicts"],
  async run({ ground, index, random, count, alarm }) {
    const [threadId, elsewhere] = await Promise.all([ground.newThread(), ground.newThread()]);
    const orders = [
      { name: "first", threadId, prompt: "one thing" },
      { name: "other", threadId, prompt: "another thing" },
      { name: "elsewhere", threadId: elsewhere, prompt: "another thing" },
    ] as const;
    const callers = orders.flatMap((order) => Array.from({ length: callersOfEach }, () => order));
    const shuffled = callers.map((order) => ({ order, place: random.unit() })).toSorted((a, b) => a.place - b.place);
    const arrive = createBarrier(shuffled.length);
    const ids = new Map<string, Set<string>>(orders.map(({ name }) => [name, new Set()]));
    let conflicts = 0;
    await Promise.all(
      shuffled.map(async ({ order }, place) => {
        await arrive();
        const request = { threadId: order.threadId, prompt: order.prompt, idempotencyKey: `key ${index}` };
        try {
          const { bgo } = await spawnBgo(ground.operations(place), ground.tenant, request);
          ids.get(order.name)?.add(bgo.id);
        } catch (error) {
          if (PlatosError.is(error) && error.code === "idempotency.conflict") conflicts += 1;
          else alarm(`a caller was told ${String(error)}`);
        }
      }),
    );
    const [first = 0, other = 0, alone = 0] = orders.map(({ name }) => ids.get(name)?.size);
    if (first + other !== 1 || alone !== 1) alarm(`one key made ${first}, ${other} and elsewhere ${alone} BGOs`);
    if (conflicts !== callersOfEach) alarm(`${conflicts} of ${callersOfEach} were told of the conflict`);
    count(first === 1 ? "firstArgumentsWon" : "otherArgumentsWon");
    count("conflicts", conflicts);
  },
});
