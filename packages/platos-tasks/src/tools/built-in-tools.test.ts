import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Artifact } from "../core/artifact.ts";
import { limits } from "../core/caps.ts";
import type { Json } from "../core/json.ts";
import type { ArtifactStore, NewArtifact } from "../core/ports/artifacts.ts";
import type { Scope } from "../core/scope.ts";
import type { Tool, ToolContext } from "../core/tool.ts";
import { toolInputJsonSchema, validateToolInput } from "../core/tool.ts";
import { createBuiltInTools } from "./built-in-tools.ts";
import { createRenderPdfTool } from "./render-pdf.ts";

interface Saved {
  readonly scope: Scope;
  readonly key: string;
  readonly artifact: Artifact;
  readonly content: Uint8Array;
}

class ArtifactsInMemory implements ArtifactStore {
  readonly #rows: Saved[] = [];

  async save(scope: Scope, { key, content, ...rest }: NewArtifact): Promise<Artifact> {
    const known = this.#rows.find((row) => row.scope.envId === scope.envId && row.key === key);
    if (known !== undefined) return known.artifact;
    const artifact: Artifact = {
      ...rest,
      id: `art_${this.#rows.length + 1}`,
      bytes: content.byteLength,
      sha256: createHash("sha256").update(content).digest("hex"),
      createdAt: new Date(0),
    };
    this.#rows.push({ scope, key, artifact, content });
    return artifact;
  }

  async read(scope: Scope, id: string): Promise<Saved | null> {
    return this.#rows.find((row) => row.scope.envId === scope.envId && row.artifact.id === id) ?? null;
  }
}

const scope: Scope = { orgId: "org_1", projectId: "prj_1", envId: "env_1" };

function setUp() {
  const artifacts = new ArtifactsInMemory();
  const tools = createBuiltInTools({ artifacts, egressFetch: async () => Promise.reject(new Error("not asked for")) });
  const call = async (name: string, args: unknown, more: Partial<ToolContext> = {}): Promise<Json> => {
    const tool = tools.find((candidate) => candidate.name === name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    const context = { scope, threadId: "thr_1", bgoId: "bgo_1", callKey: "k1", signal: new AbortController().signal };
    return await tool.run(await validateToolInput(tool, args), { ...context, ...more });
  };
  return { artifacts, tools, call };
}

describe("the built-in tools", () => {
  it("say what running them again would do", () => {
    expect(setUp().tools.map((tool: Tool) => [tool.name, tool.effect])).toEqual([
      ["fetch_url", "pure"],
      ["render_pdf", "idempotent"],
      ["save_artifact", "idempotent"],
      ["read_artifact", "pure"],
    ]);
  });

  it("describe their arguments as JSON Schema, with only those required that have no default", () => {
    const required = setUp().tools.map((tool) => toolInputJsonSchema(tool)["required"]);
    expect(required).toEqual([["url"], ["markdown"], ["name", "mediaType", "content"], ["artifactId"]]);
  });
});

describe("render_pdf", () => {
  it("saves the PDF as an artifact and says where it is", async () => {
    verifies("P15");
    const { artifacts, call } = setUp();
    const result = await call("render_pdf", {
      markdown: "# Hello\n\nWorld",
      title: "Report: Q3/2026",
      layout: "document",
    });
    expect(result).toEqual({
      artifactId: "art_1",
      name: "Report- Q3-2026.pdf",
      mediaType: "application/pdf",
      bytes: expect.any(Number),
      pages: 1,
      url: "/api/v1/artifacts/art_1",
    });
    const saved = await artifacts.read(scope, "art_1");
    expect(new TextDecoder().decode(saved?.content.subarray(0, 5))).toBe("%PDF-");
    expect(saved?.artifact).toMatchObject({ threadId: "thr_1", bgoId: "bgo_1", bytes: saved?.content.byteLength });
  });

  it("gives the same artifact when the same call runs again", async () => {
    const { call } = setUp();
    const args = { markdown: "text" };
    const first = await call("render_pdf", args);
    expect(await call("render_pdf", args)).toEqual(first);
    expect(await call("render_pdf", args, { callKey: "k2" })).toMatchObject({ artifactId: "art_2" });
  });

  it("tells the model which characters are missing", async () => {
    expect(await setUp().call("render_pdf", { markdown: "漢" })).toMatchObject({ note: expect.stringContaining("漢") });
  });

  it.each([
    [{ filename: "deck.PDF" }, "deck.pdf"],
    [{ filename: "../../etc/passwd" }, "etc-passwd.pdf"],
    [{ title: "   " }, "document.pdf"],
    [{ filename: "x".repeat(200) }, `${"x".repeat(110)}.pdf`],
  ])("names the file after %j", async (args, name) => {
    expect(await setUp().call("render_pdf", { markdown: "text", ...args })).toMatchObject({ name });
  });

  it("saves nothing once the call was aborted", async () => {
    const { artifacts } = setUp();
    const controller = new AbortController();
    const tool = createRenderPdfTool({
      artifacts,
      render: async () => {
        controller.abort(new Error("cancelled"));
        return { content: new Uint8Array(1), pages: 1, missingCharacters: [] };
      },
    });
    const context = { scope, threadId: "thr_1", bgoId: null, callKey: "k1", signal: controller.signal };
    await expect(tool.run(await validateToolInput(tool, { markdown: "text" }), context)).rejects.toThrow("cancelled");
    expect(await artifacts.read(scope, "art_1")).toBeNull();
  });

  it.each([{}, { markdown: "" }, { markdown: "x".repeat(200_001) }, { markdown: "x", layout: "poster" }])(
    "refuses arguments such as %.40j",
    async (args) => {
      await expect(setUp().call("render_pdf", args)).rejects.toMatchObject({ code: "input.invalid" });
    },
  );
});

describe("save_artifact and read_artifact", () => {
  it("save text once per call and read it back", async () => {
    const { call } = setUp();
    const saved = await call("save_artifact", { name: "a/b.csv", mediaType: "text/CSV", content: "näme\n1\n" });
    expect(saved).toEqual({
      artifactId: "art_1",
      name: "a-b.csv",
      mediaType: "text/csv",
      bytes: 8,
      url: "/api/v1/artifacts/art_1",
    });
    expect(await call("save_artifact", { name: "a/b.csv", mediaType: "text/csv", content: "näme\n1\n" })).toEqual(
      saved,
    );
    expect(await call("read_artifact", { artifactId: "art_1" })).toMatchObject({ text: "näme\n1\n", truncated: false });
  });

  it("name the charset that text is kept in, whatever the model named", async () => {
    const { call } = setUp();
    const file = { name: "f.txt", mediaType: "text/plain; charset=ISO-8859-1" };
    const saved = await call("save_artifact", { ...file, content: "Grüße" });
    expect(saved).toMatchObject({ mediaType: "text/plain; charset=utf-8", bytes: 7 });
    expect(await call("read_artifact", { artifactId: "art_1" })).toMatchObject({ text: "Grüße" });
    const content = Buffer.from("Grüße", "latin1").toString("base64");
    await call("save_artifact", { ...file, content, encoding: "base64" }, { callKey: "k2" });
    expect(await call("read_artifact", { artifactId: "art_2" })).toMatchObject({ text: "Grüße" });
  });

  it("cut long text off and say so", async () => {
    const { call } = setUp();
    await call("save_artifact", { name: "long.txt", mediaType: "text/plain", content: "x".repeat(500) });
    expect(await call("read_artifact", { artifactId: "art_1", maxChars: 100 })).toMatchObject({
      text: "x".repeat(100),
      truncated: true,
    });
  });

  it("tell only the metadata of files that are not text", async () => {
    const { call } = setUp();
    await call("save_artifact", { name: "p.png", mediaType: "image/png", content: "AAEC\nAw==", encoding: "base64" });
    expect(await call("read_artifact", { artifactId: "art_1" })).toMatchObject({ bytes: 4, text: null });
  });

  it("refuse broken base64, media types that are none, and files that are too large", async () => {
    const { call } = setUp();
    const base = { name: "f", mediaType: "text/plain", content: "x" };
    await expect(call("save_artifact", { ...base, content: "%%%", encoding: "base64" })).rejects.toMatchObject({
      code: "input.invalid",
    });
    await expect(call("save_artifact", { ...base, mediaType: "text/html\r\nx: y" })).rejects.toMatchObject({
      code: "input.invalid",
    });
    await expect(
      call("save_artifact", { ...base, content: "x".repeat(limits.artifactBytes + 1) }),
    ).rejects.toMatchObject({
      code: "artifact.too_large",
    });
  });

  it("find nothing in another environment", async () => {
    const { call } = setUp();
    await call("save_artifact", { name: "f.txt", mediaType: "text/plain", content: "x" });
    await expect(
      call("read_artifact", { artifactId: "art_1" }, { scope: { ...scope, envId: "env_2" } }),
    ).rejects.toMatchObject({
      code: "artifact.not_found",
    });
  });

  it("find nothing of another conversation", async () => {
    verifies("S08.a");
    const { call } = setUp();
    await call("save_artifact", { name: "f.txt", mediaType: "text/plain", content: "x" });
    await expect(call("read_artifact", { artifactId: "art_1" }, { threadId: "thr_2" })).rejects.toMatchObject({
      code: "artifact.not_found",
    });
  });
});
