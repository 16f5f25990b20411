import { expect, it } from "vitest";
import { safeFileName } from "./file-name.ts";

it.each([
  ["report.pdf", "report.pdf"],
  ["../../etc/passwd", "etc-passwd"],
  ["C:\\Windows\\system.ini", "C-Windows-system.ini"],
  ["a\u0000b\nc.txt", "a-b-c.txt"],
  ["invoice\u202Efdp.exe", "invoice-fdp.exe"],
  ["  .hidden  ", "hidden"],
  ["Übersicht Q3 – final.pdf", "Übersicht Q3 – final.pdf"],
  ["..", "file"],
  ["", "file"],
  ["///", "file"],
])("makes %j into %j", (wanted, expected) => {
  expect(safeFileName(wanted, "file")).toBe(expected);
});

it("keeps names within 120 characters and their extension", () => {
  const name = safeFileName(`${"x".repeat(500)}.csv`, "file");
  expect(name).toHaveLength(120);
  expect(name.endsWith("x.csv")).toBe(true);
  expect(safeFileName("😀".repeat(100), "file").isWellFormed()).toBe(true);
});
