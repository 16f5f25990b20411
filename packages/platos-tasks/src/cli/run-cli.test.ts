import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { readConfig } from "../config.ts";
import { recordingTerminal } from "./recording-terminal.ts";
import { runCli } from "./run-cli.ts";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const terminal = recordingTerminal();
  const code = await runCli(args, { terminal, readConfig: () => readConfig({ PLATOS_LOG_LEVEL: "silent", ...env }) });
  return { code, out: terminal.out, err: terminal.err };
}

const built = [
  "dev",
  "server",
  "worker",
  "migrate",
  "doctor",
  "open",
  "chat",
  "spawn",
  "list",
  "show",
  "cancel",
  "schedule",
  "keys",
];
const notBuilt = ["replay", "batch"];

test("the overview names every command, and asking for it is no mistake", async () => {
  const { code, out } = await run(["--help"]);
  expect(code).toBe(0);
  for (const name of [...built, ...notBuilt]) expect(out).toMatch(new RegExp(`^  ${name} `, "mu"));
  expect(await run([])).toMatchObject({ code: 2, out: "", err: out });
});

test("every command tells of itself, also by `help <command>`, whatever else is on the line", async () => {
  for (const name of built) {
    const { code, out } = await run([name, "--nonsense", "--help"]);
    expect(code).toBe(0);
    expect(out).toContain(`Usage: platos ${name}`);
    expect(await run(["help", name])).toMatchObject({ code: 0, out });
  }
});

test("an unknown command is refused with the one that was probably meant", async () => {
  expect(await run(["lst"])).toMatchObject({ code: 2, err: expect.stringContaining("Did you mean list?") });
  expect(await run(["cancle"])).toMatchObject({ code: 2, err: expect.stringContaining("Did you mean cancel?") });
  expect((await run(["xyz"])).err).toBe('There is no command "xyz".\nplatos --help lists them all.\n');
});

test.each(notBuilt)("%s says plainly that it is not built", async (name) => {
  expect(await run([name, "anything"])).toMatchObject({ code: 1, err: expect.stringContaining("is not built yet") });
});

test.each([
  [["list", "--nope"], "Unknown option '--nope'"],
  [["list", "--limit", "many"], "--limit must be a number above 0, not many"],
  [["list", "--status", "running,finished"], '"finished" is not a status'],
  [["list", "extra"], "Unexpected argument: extra"],
  [["show"], "Missing argument: <bgoId>"],
  [["cancel", "bgo_1", "bgo_2"], "Unexpected argument: bgo_2"],
  [["spawn"], "Missing option: --prompt <text>"],
  [["spawn", "--prompt", "x", "--agent", "a", "--thread", "t"], "not both"],
  [["spawn", "--prompt", "x", "--on-complete", "dance"], "--on-complete is message or wake, not dance"],
  [["chat", "--json"], "--json needs a message"],
  [["keys"], "Missing word: one of create, list, revoke"],
  [["keys", "steal"], "Unknown word: steal (create, list, revoke)"],
  [["keys", "revoke"], "Missing argument: <keyId>"],
  [["keys", "create"], "Missing option: --env <name>"],
  [["dev", "now"], "Unexpected argument: now"],
])("a wrong command line is told from a failure: %j", async (args, message) => {
  const { code, out, err } = await run(args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(message);
  expect(err).toContain(`See: platos ${args[0]} --help`);
});

test("all mistakes in the configuration are listed at once", async () => {
  verifies("R6");
  const { code, err } = await run(["dev"], { PORT: "many", PLATOS_ROLE: "boss", PLATOS_API_KEY: "short" });
  expect(code).toBe(1);
  for (const name of ["PORT", "PLATOS_ROLE", "PLATOS_API_KEY"]) expect(err).toContain(`${name}:`);
});

test("a database that cannot be used is named without its password, with what to do", async () => {
  const { code, err } = await run(["migrate"], { DATABASE_URL: "postgres://me:sesame@127.0.0.1:1/mine" });
  expect(code).toBe(1);
  expect(err).toContain("DATABASE_URL (127.0.0.1:1/mine) cannot be used");
  expect(err).toContain("leave DATABASE_URL out to use the embedded database");
  expect(err).not.toContain("sesame");
});

test("without a key, and without a server, a command says how to get them", async () => {
  const keyless = await run(["list"]);
  expect(keyless).toMatchObject({ code: 1, err: expect.stringContaining("platos keys create") });
  const serverless = await run(["list"], { PLATOS_API_KEY: "a-key-of-twenty-letters", PORT: "1" });
  expect(serverless).toMatchObject({
    code: 1,
    err: expect.stringContaining("No server answers at http://127.0.0.1:1"),
  });
});
