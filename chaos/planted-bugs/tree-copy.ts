import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const left = new Set(["node_modules", ".git", "dist"]);

/** A copy of the working tree in a temporary folder, to be spoilt. The working tree itself is only read. */
export class TreeCopy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<TreeCopy> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "platos-planted-")));
    const filter = (path: string): boolean => !left.has(basename(path));
    for (const entry of await readdir(root)) {
      if (filter(entry)) await cp(join(root, entry), join(folder, entry), { recursive: true, filter });
    }
    await linkPackages(folder);
    return new TreeCopy(folder);
  }

  apply(patchFile: string): Promise<void> {
    return this.#git(["apply", patchFile]);
  }

  revert(patchFile: string): Promise<void> {
    return this.#git(["apply", "--reverse", patchFile]);
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #git(args: readonly string[]): Promise<void> {
    // Not a repository, and none around it: a patch is then applied to the files as they are.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: join(this.folder, "..") };
    await promisify(execFile)("git", args, { cwd: this.folder, env });
  }
}

/** Packages from elsewhere are shared; our own must be the copy's, or the bugs would not be in what is run. */
async function linkPackages(folder: string): Promise<void> {
  const shared = join(root, "node_modules");
  const modules = join(folder, "node_modules");
  const own = "@platos-tasks";
  await mkdir(join(modules, own), { recursive: true });
  for (const entry of await readdir(shared)) {
    if (entry !== own && entry !== "platos-tasks" && entry !== ".cache") {
      await symlink(join(shared, entry), join(modules, entry));
    }
  }
  await symlink(join(folder, "packages/platos-tasks"), join(modules, "platos-tasks"));
  await symlink(join(folder, "packages/client"), join(modules, own, "client"));
}
