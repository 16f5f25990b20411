import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";

test("a tier and a race are exercises, with their numbers", () => {
  const asked = { suite: undefined, exercise: "T2", seed: 7, minutes: 0.5, trials: undefined };
  expect(readArguments(["--tier", "T2", "--seed", "7", "--minutes", "0.5"])).toEqual(asked);
  expect(readArguments(["--race", "poison", "--trials", "3"])).toMatchObject({ exercise: "poison", trials: 3 });
});

test.each([
  [["--help"], "Unknown option '--help'"],
  [["poison"], "Unexpected argument 'poison'"],
  [["--race", "poison", "--seed", "many"], '--seed must be a number, not "many"'],
  [["--tier", "T2", "--minutes", ""], '--minutes must be a number, not ""'],
  [["--tier", "T0", "--trials=-3"], '--trials must be a number, not "-3"'],
])("%j is refused with what is wrong", (args, message) => {
  expect(() => readArguments(args)).toThrow(message);
});
