import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import { describe, expect, it } from "vitest";
import type { RenderPdfOptions } from "./render-pdf.ts";
import { renderPdf } from "./render-pdf.ts";

interface OpenedPdf {
  /** Per page, white space collapsed. */
  readonly pages: readonly string[];
  readonly sizes: readonly string[];
  readonly title: unknown;
  readonly links: readonly string[];
  readonly missing: readonly string[];
  /** Where the text that reaches farthest to the right ends, in points. */
  readonly rightmost: number;
}

async function open(markdown: string, options: Partial<RenderPdfOptions> = {}): Promise<OpenedPdf> {
  const drawn = await renderPdf(markdown, { signal: new AbortController().signal, ...options });
  const task = getDocument({ data: drawn.content, verbosity: 0 });
  try {
    const pdf = await task.promise;
    const opened = { pages: [] as string[], sizes: [] as string[], links: [] as string[], rightmost: 0 };
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      const text = items.map((item) => ("str" in item ? `${item.str}${item.hasEOL ? " " : ""}` : "")).join("");
      const ends = items.map((item) => ("str" in item ? Number(item.transform[4]) + item.width : 0));
      opened.rightmost = Math.max(opened.rightmost, ...ends);
      opened.pages.push(text.replace(/\s+/gu, " "));
      opened.sizes.push(page.view.slice(2).map(Math.round).join("×"));
      const annotations = (await page.getAnnotations()) as { readonly url?: string }[];
      opened.links.push(...annotations.flatMap((annotation) => annotation.url ?? []));
    }
    expect(drawn.pages).toBe(pdf.numPages);
    const { info } = await pdf.getMetadata();
    return { ...opened, title: (info as { Title?: unknown }).Title, missing: drawn.missingCharacters };
  } finally {
    await task.destroy();
  }
}

const numbered = (count: number, text: (number: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index + 1)).join("\n");

describe("a document", () => {
  it("shows every kind of block, with its title and page numbers", async () => {
    const { pages, sizes, title, links } = await open(
      `## Findings

Plain, **bold**, *italic*, ~~struck~~, \`code\` &mdash; and a [link](https://example.com/a?b=1).

1. first
   - nested
2. second

- [x] done
- [ ] open

| Name | Amount |
|:--|--:|
| Apples<br>and pears | 5 |

> quoted words

\`\`\`ts
const answer: number = 42;
\`\`\`

---

<em>raw</em> ![a chart](https://spy.example/pixel.png)
`,
      { title: "Yearly report" },
    );
    expect(pages).toHaveLength(1);
    expect(sizes).toEqual(["595×842"]);
    expect(title).toBe("Yearly report");
    for (const words of [
      "Yearly report",
      "Findings",
      "Plain, bold, italic, struck, code — and a link.",
      "first",
      "1.",
      "nested",
      "second",
      "done",
      "Apples and pears",
      "quoted words",
      "const answer: number = 42;",
      "<em>raw</em> [Image: a chart]",
      "1 / 1",
    ]) {
      expect(pages[0]).toContain(words);
    }
    expect(links).toEqual(["https://example.com/a?b=1"]);
  });

  it("draws Latin, Greek and Cyrillic, also in code", async () => {
    const { pages, missing } = await open("Łódź Ğ ß · Ελληνικά · Кириллица\n\n    let имя = 'Łódź'; // → ok");
    expect(pages[0]).toContain("Łódź Ğ ß · Ελληνικά · Кириллица");
    expect(pages[0]).toContain("let имя = 'Łódź'; // -> ok");
    expect(missing).toEqual([]);
  });

  it("marks characters that it cannot draw, names them and does not fail", async () => {
    const { pages, missing } = await open("漢字 and 🚀 and 👩‍👩‍👧 and \uD800 and ✅\u0000");
    expect(missing).toEqual(expect.arrayContaining(["漢", "字", "🚀"]));
    expect(pages[0]).toContain("and √");
  });

  it("gives the reader of the file no target but web and mail addresses", async () => {
    const { pages, links } = await open(
      "[a](javascript:alert(1)) [b](file:///etc/passwd) [c](mailto:x@y.example) [d](/path)",
    );
    expect(links).toEqual(["mailto:x@y.example"]);
    expect(pages[0]).toContain("a (javascript:alert(1))");
    expect(pages[0]).toContain("d (/path)");
  });

  it("loses no text of tables, code and lists that are larger than a page, wide or deep", async () => {
    const words = (prefix: string, count: number): string =>
      Array.from({ length: count }, (_, index) => `${prefix}${index}z`).join(" ");
    const markdown = [
      `| a | b |\n|--|--|\n| ${words("cell", 900)} | x |`,
      `|${words("wide", 22).replaceAll(" ", "|")}|\n|${"--|".repeat(22)}\n|${"v|".repeat(22)}`,
      `\`\`\`\n${numbered(130, (line) => `line${line}z ${"word ".repeat(25)}`)}\n\`\`\``,
      Array.from({ length: 14 }, (_, depth) => `${"  ".repeat(depth)}- deep${depth}z`).join("\n"),
      Array.from({ length: 12 }, (_, depth) => `${"> ".repeat(depth + 1)}quote${depth}z`).join("\n>\n"),
    ].join("\n\n");
    const { pages } = await open(markdown);
    const text = pages.join(" ").replaceAll(" ", "");
    const expected = [...markdown.matchAll(/[a-z]+\d+z/gu)].map(([word]) => word);
    expect(expected.length).toBeGreaterThan(1_000);
    expect(expected.filter((word) => !text.includes(word))).toEqual([]);
  });

  it("keeps on the page what has no space to break at, in code and in quotations", async () => {
    const minified = JSON.stringify(Array.from({ length: 700 }, (_, index) => index));
    const long = "abcdefghij".repeat(40);
    const markdown = `\`\`\`json\n${minified}\n\`\`\`\n\n> ${long}\n\n- item\n\n  \`\`\`\n  k${long}\n  \`\`\``;
    const { pages, rightmost } = await open(markdown);
    const text = pages.join("").replaceAll(" ", "");
    for (const expected of [minified, long, `k${long}`]) expect(text).toContain(expected);
    expect(rightmost).toBeLessThanOrEqual(595 - 64 + 1);
  });

  it("shows every column of a table, however many it has", async () => {
    const columns = Array.from({ length: 100 }, (_, index) => `c${index}z`);
    const row = (cells: readonly string[]): string => `|${cells.join("|")}|\n`;
    const { pages, rightmost } = await open(
      row(columns) + row(columns.map(() => "-")) + row(columns.map((name) => `v${name}`)),
    );
    const text = pages.join("").replaceAll(" ", "");
    expect(columns.filter((name) => !text.includes(name) || !text.includes(`v${name}`))).toEqual([]);
    expect(rightmost).toBeLessThanOrEqual(595 - 64 + 1);
  });

  it("leaves no heading alone at the foot of a page", async () => {
    const section = (number: number): string =>
      `## Heading${number}\n\n- item${number} ${"word ".repeat(40)}\n- more\n`;
    for (const lines of [0, 1, 2, 3]) {
      const { pages } = await open(`${numbered(lines, (line) => `line ${line}\n`)}\n${numbered(24, section)}`);
      for (const page of pages) {
        const numbers = [...page.matchAll(/Heading(?<number>\d+)/gu)].map((match) => match.groups?.["number"]);
        for (const number of numbers) expect(page).toContain(`item${number}`);
      }
    }
  });

  it.each(["# Only a heading", "text\n\n# One\n\n## Two", "# A\n\n# B\n\n- c"])(
    "needs one page for %j",
    async (markdown) => {
      expect((await open(markdown)).pages).toHaveLength(1);
      expect((await open(markdown, { title: "T" })).pages).toHaveLength(1);
    },
  );

  it("does not repeat a title that the text begins with", async () => {
    const { pages } = await open("# Report\n\nText.", { title: "Report" });
    expect(pages[0]?.match(/Report/gu)).toHaveLength(2);
  });
});

describe("slides", () => {
  const topics = [
    "Start",
    "Goals",
    "Team",
    "Market",
    "Product",
    "Price",
    "Sales",
    "Risks",
    "Plan",
    "Costs",
    "Questions",
    "End",
  ];

  it("draws a dozen slides on a dozen numbered 16:9 pages", async () => {
    const markdown = topics
      .map((topic) => `## ${topic}\n\n- about ${topic.toLowerCase()}\n- more of it`)
      .join("\n\n---\n\n");
    const { pages, sizes } = await open(`# Deck\nA subtitle\n---\n${markdown}`, {
      layout: "slides",
      title: "All we do",
    });
    expect(pages).toHaveLength(13);
    expect(new Set(sizes)).toEqual(new Set(["960×540"]));
    expect(pages[0]).toContain("Deck");
    expect(pages[0]).toContain("A subtitle");
    for (const [index, topic] of topics.entries()) {
      expect(pages[index + 1]).toContain(`${topic} `);
      expect(pages[index + 1]).toContain(`about ${topic.toLowerCase()}`);
      expect(pages[index + 1]).toContain(`${index + 2} / 13`);
      expect(pages[index + 1]).toContain("All we do");
    }
  });

  it("begins a slide at each heading of the first two levels when there are no rules", async () => {
    const { pages } = await open("# Deck\n\n## One\n\ntext\n\n### Inside\n\nmore\n\n## Two\n\n```\n---\n```\n", {
      layout: "slides",
    });
    expect(pages).toHaveLength(3);
    expect(pages[1]).toMatch(/One.*Inside.*more/u);
    expect(pages[2]).toContain("---");
  });

  it("shrinks what is a little too long and keeps it on its page", async () => {
    const list = numbered(13, (number) => `- point ${number}`);
    const { pages } = await open(`## Many\n\n${list}\n\n---\n\n## Next`, { layout: "slides" });
    expect(pages).toHaveLength(2);
    expect(pages[0]).toMatch(/point 1 .*point 13/u);
  });

  it("continues what is far too long on further pages and loses nothing", async () => {
    const list = numbered(60, (number) => `- point${number}z with some words that explain it`);
    const { pages } = await open(`## Long\n\n${list}\n\n---\n\n## Next`, { layout: "slides" });
    const text = pages.join(" ");
    for (let number = 1; number <= 60; number += 1) expect(text).toContain(`point${number}z`);
    const continued = pages.slice(1, -1);
    expect(continued.length).toBeGreaterThan(0);
    expect(continued.every((page) => page.includes("Long (continued)") && page.includes("point"))).toBe(true);
    expect(pages.at(-1)).toContain("Next");
  });
});

describe("limits", () => {
  it("ends at its time limit", async () => {
    const bomb = `${"*".repeat(60_000)}a`;
    await expect(open(bomb, { timeoutMs: 1_000 })).rejects.toMatchObject({
      code: "tool.failed",
      message: expect.stringContaining("took longer than 1 s"),
    });
  });

  it("fails clearly on what breaks the parser", async () => {
    await expect(open(`${">".repeat(20_000)}x`)).rejects.toMatchObject({ code: "tool.failed" });
  });

  it("stops when the caller aborts", async () => {
    const reason = new Error("cancelled");
    await expect(open("text", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
