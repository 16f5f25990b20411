import { expect, test } from "vitest";
import { silentLog } from "../core/ports/log.ts";
import { Shutdown } from "./shutdown.ts";

test("parts are closed once, the last first, and a part that fails does not keep the others open", async () => {
  const closed: string[] = [];
  const shutdown = new Shutdown(silentLog);
  shutdown.add("database", async () => void closed.push("database"));
  shutdown.add("runtime", () => {
    closed.push("runtime");
    return Promise.reject(new Error("stuck"));
  });
  shutdown.add("server", async () => void closed.push("server"));
  expect(await shutdown.run()).toBe(false);
  await shutdown.runOnly("database", 10_000);
  expect(closed).toEqual(["server", "runtime", "database"]);
});

test("one part can be closed ahead of its turn", async () => {
  const closed: string[] = [];
  const shutdown = new Shutdown(silentLog);
  shutdown.add("database", async () => void closed.push("database"));
  shutdown.add("server", () => new Promise(() => undefined));
  void shutdown.run();
  await shutdown.runOnly("database", 10_000);
  expect(closed).toEqual(["database"]);
});
