import { createHash, randomBytes } from "node:crypto";
import { formatId, idRandomBytes } from "../core/ids.ts";
import type { Identity } from "../core/ports/identity.ts";

export const systemIdentity: Identity = {
  newId: (kind) => formatId(kind, Date.now(), randomBytes(idRandomBytes)),
  newSegmentId: () => uuidV7(Date.now(), randomBytes(10)),
  newSecret: (bytes) => randomBytes(bytes).toString("base64url"),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

/** RFC 9562, section 5.7: 48 bits of milliseconds, version and variant, the rest random. */
function uuidV7(atMs: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(atMs, 0, 6);
  bytes.set(random, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
