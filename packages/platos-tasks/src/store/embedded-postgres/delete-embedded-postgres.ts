import { realpath, rm } from "node:fs/promises";
import { postgresDirOf, findExisting } from "./storage-location.ts";
import { takeSupervisorLock } from "./supervisor-lock.ts";

/** Deletes the database of a home folder with everything in it, for tests. Refused while it is supervised. */
export async function deleteEmbeddedPostgres(options: { readonly homeDir: string }): Promise<void> {
  const homeDir = await realpath(options.homeDir);
  const storageDir = await findExisting(homeDir);
  if (storageDir !== undefined) {
    const lock = await takeSupervisorLock({ account: undefined, homeDir, storageDir });
    await lock.release();
    await rm(storageDir, { recursive: true, force: true });
  }
  await rm(postgresDirOf(homeDir), { recursive: true, force: true });
}
