import { createGate, type Gate } from "../../packages/platos-tasks/src/testing/gate.ts";
import { startModelStub } from "../harness/outside/model-stub.ts";

/** The model of one worker: it answers with the worker's name, so that an answer tells who asked. */
export interface WorkerModel {
  readonly baseUrl: string;
  /** The next call of this tag is held until the gate opens; resolves when it has come. */
  holdNext(tag: string): { readonly asked: Promise<void>; readonly answer: Gate };
  close(): Promise<void>;
}

export async function startWorkerModel(name: string): Promise<WorkerModel> {
  const held = new Map<string, { readonly asked: () => void; readonly answer: Gate }>();
  const stub = await startModelStub({
    script: () => ({ text: name }),
    async onCall({ tag }) {
      const hold = held.get(tag);
      hold?.asked();
      await hold?.answer.opened;
    },
  });
  return {
    baseUrl: stub.baseUrl,
    holdNext(tag) {
      const answer = createGate();
      const asked = Promise.withResolvers<void>();
      held.set(tag, { asked: asked.resolve, answer });
      return { asked: asked.promise, answer };
    },
    close: () => stub.close(),
  };
}
