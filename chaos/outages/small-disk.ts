import { execFile } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A file system of its own that is soon full. */
export interface SmallDisk {
  readonly dir: string;
  /** Puts a ballast on it until nothing more fits; again, when something has become free. */
  fill(): Promise<void>;
  /** Takes the ballast away. */
  relieve(): Promise<void>;
  close(): Promise<void>;
}

const pieceBytes = [1 << 20, 1 << 12];

/** Null where nobody lets us mount one. */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | null> {
  const dir = await mkdtemp(join(tmpdir(), "platos-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=711`, "platos-chaos", dir]);
  } catch {
    await rm(dir, { recursive: true, force: true });
    return null;
  }
  const ballast = join(dir, "ballast");
  return {
    dir,
    async fill() {
      const file = await open(ballast, "a");
      try {
        for (const bytes of pieceBytes) {
          const piece = Buffer.alloc(bytes);
          for (let fits = true; fits;) {
            fits = await file.write(piece).then(
              ({ bytesWritten }) => bytesWritten === bytes,
              () => false,
            );
          }
        }
      } finally {
        await file.close();
      }
    },
    relieve: () => rm(ballast, { force: true }),
    async close() {
      // Also when somebody still has a file open there.
      await run("umount", ["--lazy", dir]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
