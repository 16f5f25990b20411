import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAiSdkModel } from "../../packages/platos-tasks/src/agent-loop/ai-sdk-model.ts";
import { createProviders } from "../../packages/platos-tasks/src/agent-loop/providers.ts";
import type { Json } from "../../packages/platos-tasks/src/core/json.ts";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import type { ModelPort } from "../../packages/platos-tasks/src/core/ports/model.ts";
import { defineTool, type Tool, type ToolSchema } from "../../packages/platos-tasks/src/core/tool.ts";
import { createEgress } from "../../packages/platos-tasks/src/egress/create-egress.ts";
import { systemClock } from "../../packages/platos-tasks/src/system/system-clock.ts";
import { createFetchUrlTool } from "../../packages/platos-tasks/src/tools/fetch-url.ts";
import { type ModelStub, startModelStub } from "../harness/outside/model-stub.ts";
import type { HostileCase } from "./hostile-cases.ts";
import { hostilePages } from "./hostile-text.ts";

const anything: ToolSchema<Json> = {
  "~standard": {
    validate: (value) => ({ value: value as Json }),
    jsonSchema: { input: () => ({ type: "object" }) },
  },
};

export const hostileToolNames = ["give", "echo", "fetch_url"] as const;

/** A model, tools and pages that say what nobody should have to store. */
export class HostileOutside {
  readonly model: ModelPort;
  readonly pagesUrl: string;
  readonly #cases: ReadonlyMap<string, HostileCase>;
  readonly #fetchUrl: Tool;
  readonly #close: () => Promise<void>;

  private constructor(parts: {
    readonly stub: ModelStub;
    readonly pagesUrl: string;
    readonly cases: ReadonlyMap<string, HostileCase>;
    readonly fetchUrl: Tool;
    readonly close: () => Promise<void>;
  }) {
    const providers = createProviders({ openaiCompatible: { baseUrl: parts.stub.baseUrl } });
    this.model = createAiSdkModel({ providers, clock: systemClock, log: silentLog });
    this.pagesUrl = parts.pagesUrl;
    this.#cases = parts.cases;
    this.#fetchUrl = parts.fetchUrl;
    this.#close = parts.close;
  }

  /** `cases`: by the tag in a prompt; more may come later. */
  static async start(cases: ReadonlyMap<string, HostileCase>): Promise<HostileOutside> {
    const stub = await startModelStub({
      script({ tag, turn, attempt }) {
        const found = cases.get(tag);
        // A child that was spawned with a hostile prompt.
        if (found === undefined) return { text: "done" };
        if (turn === 0 && attempt === 0 && found.atFirst !== undefined) return found.atFirst;
        return found.answers[Math.min(turn, found.answers.length - 1)] ?? {};
      },
    });
    const pages = createServer((incoming, outgoing) => {
      const page = hostilePages[(incoming.url ?? "").slice(1)];
      outgoing
        .writeHead(page === undefined ? 404 : 200, { "content-type": page?.type ?? "text/plain" })
        .end(page?.body);
    });
    await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
    const host = `127.0.0.1:${(pages.address() as AddressInfo).port}`;
    const egress = createEgress({ allowPrivateHosts: [host] });
    const fetchUrl = createFetchUrlTool({ fetch: egress.fetch });
    const close = async (): Promise<void> => {
      await egress.close();
      await stub.close();
      pages.closeAllConnections();
      await new Promise((resolve) => pages.close(resolve));
    };
    return new HostileOutside({ stub, pagesUrl: `http://${host}`, cases, fetchUrl, close });
  }

  /** What the BGO of this name may call. */
  toolsOf(name: string): readonly Tool[] {
    const give = defineTool({
      name: "give",
      description: "Gives something.",
      effect: "pure",
      inputSchema: anything,
      run: async () => this.#cases.get(name)?.gives?.() ?? null,
    });
    const echo = defineTool({
      name: "echo",
      description: "Gives back what it is given.",
      effect: "idempotent",
      inputSchema: anything,
      run: async (input) => input,
    });
    return [give, echo, this.#fetchUrl];
  }

  close(): Promise<void> {
    return this.#close();
  }
}
