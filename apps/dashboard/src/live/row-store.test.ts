import { describe, expect, test } from "vitest";

import { RowStore } from "./row-store.ts";

interface Thing {
  readonly id: string;
  readonly rev: number;
  readonly status: string;
}

interface Probe {
  readonly store: RowStore<Thing>;
  readonly heard: string[];
  frame(): void;
}

function probe(): Probe {
  const frames: (() => void)[] = [];
  const heard: string[] = [];
  const store = new RowStore<Thing>({
    schedule: (flush) => frames.push(flush),
    isOlder: (known, next) => next.rev < known.rev,
    shapeOf: (thing) => thing.status,
  });
  store.subscribeRow("a", () => heard.push("a"));
  store.subscribeRow("b", () => heard.push("b"));
  store.subscribeShape(() => heard.push("shape"));
  return {
    store,
    heard,
    frame: () => {
      heard.length = 0;
      for (const flush of frames.splice(0)) flush();
    },
  };
}

describe("the row store", () => {
  test("tells each touched row once per frame, however many events came", () => {
    const { store, heard, frame } = probe();
    for (let rev = 1; rev <= 100; rev += 1) store.put({ id: "a", rev, status: "running" });
    frame();
    expect(heard).toEqual(["a", "shape"]);
  });

  test("lists are told only when a row comes, goes or changes its shape", () => {
    const { store, heard, frame } = probe();
    store.put({ id: "a", rev: 1, status: "running" });
    frame();
    store.put({ id: "a", rev: 2, status: "running" });
    frame();
    expect(heard).toEqual(["a"]);
    store.put({ id: "a", rev: 3, status: "completed" });
    frame();
    expect(heard).toEqual(["a", "shape"]);
    store.delete("a");
    frame();
    expect(heard).toEqual(["a", "shape"]);
  });

  test("an older revision is dropped, whether an event or a snapshot brings it", () => {
    const { store } = probe();
    store.put({ id: "a", rev: 5, status: "completed" });
    expect(store.put({ id: "a", rev: 4, status: "running" })).toBe(false);
    store.putSnapshot([{ id: "a", rev: 3, status: "queued" }], store.clock());
    expect(store.get("a")?.rev).toBe(5);
  });

  test("a snapshot asked for before an event does not undo it, one asked for after it may", () => {
    const { store } = probe();
    const before = store.clock();
    store.put({ id: "a", rev: 1, status: "from event" });
    store.putSnapshot(
      [
        { id: "a", rev: 1, status: "from snapshot" },
        { id: "b", rev: 1, status: "new" },
      ],
      before,
    );
    expect(store.get("a")?.status).toBe("from event");
    expect(store.get("b")?.status).toBe("new");
    store.putSnapshot([{ id: "a", rev: 1, status: "from snapshot" }], store.clock());
    expect(store.get("a")?.status).toBe("from snapshot");
  });

  test("who stops listening hears nothing more", () => {
    const { store, heard, frame } = probe();
    const stop = store.subscribeRow("c", () => heard.push("c"));
    stop();
    store.put({ id: "c", rev: 1, status: "x" });
    frame();
    expect(heard).toEqual(["shape"]);
  });
});
