import { expect, test } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import { inboundEmail } from "./inbound-email.ts";
import { textOfHtml } from "./text-of-html.ts";

test.each([
  ["a text", "hello"],
  ["nothing", null],
  ["an event", { from: "state-a", subject: "moved", text: "x" }],
  ["a form without a subject", { from: "ann@example.org", text: "x" }],
  ["a list", [{ from: "ann@example.org", subject: "x" }]],
])("%s is no e-mail", (_what, payload) => {
  verifies("P22.a");
  expect(inboundEmail(payload)).toBeNull();
});

test("HTML is read as text in one pass, whatever it is", () => {
  expect(textOfHtml("<head><title>t</title></head><p>a &lt;b&gt; &amp;amp;</p><!-- x > y --><div>c<br/>d</div>")).toBe(
    "a <b> &amp;\nc\nd",
  );
  expect(textOfHtml("a<")).toBe("a");
  expect(textOfHtml("a<style>b")).toBe("a");
  for (const piece of ["<", "<style>", "<!--", "</p>", "&amp;", " \n"]) {
    expect(textOfHtml(piece.repeat(300_000)).length).toBeLessThan(1_000_000);
  }
});
