import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import { expect, test } from "vitest";

import { verifies } from "../../../spec/verifies.ts";
const folder = import.meta.dirname;

function sources(): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/gu)].map((match) => match[1] ?? "");
}

test("the package imports nothing but itself, so that any browser can load it", () => {
  verifies("P36");
  const foreign = sources().flatMap((file) =>
    importsOf(file)
      .filter((name) => !name.startsWith(".") || relative(folder, resolve(dirname(file), name)).startsWith(".."))
      .map((name) => `${relative(folder, file)} imports ${name}`),
  );
  expect(foreign).toEqual([]);
});

test("the package names nothing that only Node has", () => {
  const names = /\b(?:process|Buffer|require|__dirname|__filename)\b/u;
  const guilty = sources().filter((file) =>
    names.test(readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/gu, "")),
  );
  expect(guilty.map((file) => relative(folder, file))).toEqual([]);
});

test("the values it exports are these and no others", async () => {
  const surface = await import("./index.ts");
  expect(Object.keys(surface).toSorted()).toEqual([
    "PlatosApiError",
    "activeStatuses",
    "createClient",
    "isStatus",
    "isTerminal",
    "statuses",
    "terminalStatuses",
    "textOfMessage",
    "titleOfBgo",
  ]);
});
