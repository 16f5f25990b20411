import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Opens something that is closed with `closing`, also when that begins while it is still being opened. */
export async function opened<Part extends { close(): Promise<unknown> }>(
  closing: AsyncDisposableStack,
  open: () => Promise<Part>,
): Promise<Part> {
  if (closing.disposed) throw new Error("Everything is being closed.");
  const opening = open();
  closing.defer(async () => {
    const part = await opening.catch(() => null);
    await part?.close();
  });
  return opening;
}

/** A new folder with `name` in its own, deleted with `closing`. */
export async function temporaryFolder(closing: AsyncDisposableStack, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `platos-${name}-`));
  closing.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
