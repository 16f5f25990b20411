import { expect, test } from "vitest";

import { activeStatuses, isStatus, isTerminal, statuses, terminalStatuses } from "./status.ts";

test("every status is either active or terminal", () => {
  expect(terminalStatuses).toEqual(["completed", "failed", "cancelled"]);
  expect([...activeStatuses, ...terminalStatuses].toSorted()).toEqual([...statuses].toSorted());
  expect(statuses.filter(isTerminal)).toEqual(terminalStatuses);
});

test("only the seven words are statuses, not what every object inherits", () => {
  expect(isStatus("running")).toBe(true);
  expect(isStatus("toString")).toBe(false);
  expect(isStatus(3)).toBe(false);
});
