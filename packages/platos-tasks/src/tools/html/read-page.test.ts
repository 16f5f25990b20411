import { describe, expect, it } from "vitest";
import { readPage } from "./read-page.ts";

const paragraph =
  "The ferry leaves the harbour every day at seven, and those who miss it have to wait for the next morning. ";

function article(inner: string, head = "<title>Ferry</title>"): string {
  return `<!doctype html><html><head>${head}</head><body><nav><a href="/home">Home</a></nav><article><h1>Timetable</h1><p>${paragraph.repeat(4)}</p>${inner}<p>${paragraph.repeat(3)}</p></article></body></html>`;
}

describe("readPage", () => {
  it("keeps headings, lists, tables, code and links as Markdown", () => {
    const { text } = readPage(
      article(
        `<h2>Prices</h2><ul><li>adult <b>5 €</b></li></ul>
         <table><tr><th>Day</th><th>Time</th></tr><tr><td>Monday</td><td>7 | 9</td></tr></table>
         <pre><code>sail()</code></pre><p><a href="more.html">More</a></p>`,
      ),
      "https://ferry.example/times/",
    );
    expect(text).toContain("## Prices");
    expect(text).toContain("adult **5 €**");
    expect(text).toContain("| Day | Time |\n| --- | --- |\n| Monday | 7 \\| 9 |");
    expect(text).toContain("```\nsail()\n```");
    expect(text).toContain("[More](https://ferry.example/times/more.html)");
  });

  it("runs nothing and asks for no pictures", () => {
    const { text } = readPage(
      article(`<script>document.title = "hacked"</script><style>p { color: red }</style>
        <img src="https://spy.example/pixel.png?q=secret" alt="A ship"><iframe src="https://spy.example"></iframe>`),
      "https://ferry.example/",
    );
    expect(text).toContain("[Image: A ship]");
    expect(text).not.toMatch(/spy\.example|hacked|color: red/u);
  });

  it("lists links once, absolute, those of the main text first, without the page's own and other schemes", () => {
    const { links } = readPage(
      article(`<p><a href="#top">Up</a> <a href="b?x=1#one">First  <i>link</i></a> <a href="b?x=1#two">Again</a>
        <a href="javascript:alert(1)">js</a> <a href="mailto:a@b.example">mail</a> <a href="https://other.example/">Other</a></p>`),
      "https://ferry.example/times#now",
    );
    expect(links).toEqual([
      { text: "First link", url: "https://ferry.example/b?x=1" },
      { text: "Other", url: "https://other.example/" },
      { text: "Home", url: "https://ferry.example/home" },
    ]);
  });

  it("resolves links against the page's base", () => {
    const page = article('<p><a href="x">X</a></p>', '<base href="/deep/">');
    expect(readPage(page, "https://ferry.example/times").links[0]?.url).toBe("https://ferry.example/deep/x");
  });

  it("gives at most a hundred links", () => {
    const many = Array.from({ length: 150 }, (_, index) => `<a href="/p${index}">p</a>`).join(" ");
    expect(readPage(article(`<p>${many}</p>`), "https://ferry.example/").links).toHaveLength(100);
  });

  it("falls back to the whole body where there is no article", () => {
    const page = '<title>Status</title><p>All well</p><div id="main"><a href="/log">Log</a></div>';
    expect(readPage(page, "https://ferry.example/")).toEqual({
      title: "Status",
      text: "All well\n\n[Log](https://ferry.example/log)",
      links: [{ text: "Log", url: "https://ferry.example/log" }],
    });
  });

  it.each([
    "<body><p>seen</p></body>",
    "<head><title>T</title></head><body><p>seen</p></body>",
    "<!doctype html><title>T</title><body class=x><p>seen",
    "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>T</title>\n<body>\n<p>seen",
    "<!doctype html><html><head><title>T</title><body><p>seen",
    "<!doctype html><title>T</title><script>const tag = '<body >'</script><p>seen",
    "<html><head><title>T</title></head><!-- no body --><p>seen</html>",
  ])("reads a page that leaves out tags as HTML lets it: %j", (html) => {
    expect(readPage(html, "https://ferry.example/")).toMatchObject({ text: "seen" });
  });

  it("cuts a title through no character", () => {
    const { title } = readPage(`<title>${"x".repeat(299)}😀</title><p>x`, "https://ferry.example/");
    expect(title).toBe("x".repeat(299));
  });

  it.each(["", "<", "plain words", "<html>", "<body><p>x", "<table><tr><td>x"])("survives %j", (html) => {
    expect(readPage(html, "https://ferry.example/").links).toEqual([]);
  });
});
