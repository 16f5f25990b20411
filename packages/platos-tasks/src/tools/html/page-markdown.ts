import TurndownService from "turndown";
import type { PageElement } from "./page-document.ts";

/** A part of a page as Markdown. Pictures become their alternative text: nothing in it asks to be loaded. */
export function pageMarkdown(element: PageElement): string {
  return turndown()
    .turndown(element as never)
    .replace(/\n{3,}/gu, "\n\n")
    .trim();
}

function turndown(): TurndownService {
  const service = new TurndownService({
    headingStyle: "atx",
    codeBlockStyle: "fenced",
    bulletListMarker: "-",
    hr: "---",
  });
  service.addRule("picture", {
    filter: ["img"],
    replacement: (_content, node) => {
      const alternative = (node as unknown as PageElement).getAttribute("alt")?.trim() ?? "";
      return alternative === "" ? "" : `[Image: ${alternative}]`;
    },
  });
  service.addRule("linkWithoutText", {
    filter: (node) => isNamed(node, "A") && (node as unknown as PageElement).textContent?.trim() === "",
    replacement: (content) => content,
  });
  service.addRule("cell", { filter: ["th", "td"], replacement: (content) => ` ${oneLine(content)} |` });
  service.addRule("row", {
    filter: ["tr"],
    replacement: (content, node) => {
      const row = node as unknown as PageElement;
      const cells = [...row.querySelectorAll("th, td")].length;
      return `\n|${content}${isFirstRow(row) ? `\n|${" --- |".repeat(cells)}` : ""}`;
    },
  });
  service.addRule("table", { filter: ["table"], replacement: (content) => `\n\n${content.trim()}\n\n` });
  service.addRule("tablePart", { filter: ["thead", "tbody", "tfoot"], replacement: (content) => content });
  return service;
}

function isFirstRow(row: PageElement): boolean {
  const table = (row as PageElement & { closest(selector: string): PageElement | null }).closest("table");
  return table?.querySelector("tr") === row;
}

function oneLine(content: string): string {
  return content
    .trim()
    .replace(/\s*\n\s*/gu, " ")
    .replaceAll("|", "\\|");
}

function isNamed(node: unknown, name: string): boolean {
  return typeof node === "object" && node !== null && "nodeName" in node && node.nodeName === name;
}
