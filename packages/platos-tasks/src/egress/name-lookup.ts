import { lookup as systemLookup } from "node:dns/promises";

/** All addresses of a name, as canonical text. */
export type NameLookup = (hostname: string) => Promise<readonly string[]>;

export const lookupByOperatingSystem: NameLookup = async (hostname) => {
  const found = await systemLookup(hostname, { all: true });
  return found.map((entry) => entry.address);
};
