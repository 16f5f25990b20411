import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where a build of the dashboard may lie: inside the published package, or beside it in a checkout. */
const places = ["../dashboard/", "../../../../apps/dashboard/dist/"];

/** The folder of the built dashboard; null when there is none, and then the server serves its API alone. */
export function findDashboard(): string | null {
  const folders = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return folders.find((folder) => existsSync(`${folder}index.html`)) ?? null;
}
