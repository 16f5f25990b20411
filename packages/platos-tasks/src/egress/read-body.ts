import { PlatosError } from "../core/errors.ts";

export interface BodyStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
    cancel(): Promise<void>;
  };
}

/**
 * Reads a decompressed body and stops at the first byte too many, so a small file that unpacks to a huge one costs no
 * more than the cap.
 */
export async function readBody(
  stream: BodyStream | null,
  cap: { maxBytes: number; origin: string },
): Promise<Uint8Array> {
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, bytes);
    if (!(value instanceof Uint8Array)) continue;
    bytes += value.byteLength;
    if (bytes > cap.maxBytes) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge(cap);
    }
    chunks.push(value);
  }
}

export function tooLarge(cap: { maxBytes: number; origin: string }): PlatosError {
  const size = cap.maxBytes >= 1_000_000 ? `${Math.round(cap.maxBytes / 100_000) / 10} MB` : `${cap.maxBytes} bytes`;
  return new PlatosError(
    "tool.failed",
    `The answer of ${cap.origin} is larger than ${size}. Ask for a smaller page or a part of it.`,
  );
}
