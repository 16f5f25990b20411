import { createHmac, timingSafeEqual } from "node:crypto";
import { PlatosError } from "../../core/errors.ts";
import type { WebhookSignature } from "../../core/waitpoint.ts";
import type { WebhookSecrets } from "./webhook-secrets.ts";

export interface SignedRequest {
  readonly body: Uint8Array;
  readonly header: (name: string) => string | undefined;
  readonly now: Date;
}

const toleranceSeconds = 300;

/** Throws `webhook.not_signed` unless the request carries the signature that is asked for. */
export function requireSignature(signature: WebhookSignature, secrets: WebhookSecrets, request: SignedRequest): void {
  const secret = secrets.of(signature.secret);
  if (secret === null) throw refused("This server has no secret to check it with");
  const isSigned =
    signature.header === undefined
      ? isStandard(secret, request)
      : isHexHmac(secret, request.body, request.header(signature.header));
  if (!isSigned) throw refused("It has no valid signature");
}

/**
 * Standard Webhooks 1.0.0: `webhook-signature` holds one or more `v1,<base64>` of the HMAC-SHA256 of
 * `id.timestamp.body`. Source: https://github.com/standard-webhooks/standard-webhooks
 */
function isStandard(secret: string, { body, header, now }: SignedRequest): boolean {
  const id = header("webhook-id");
  const timestamp = header("webhook-timestamp");
  const given = header("webhook-signature");
  if (id === undefined || timestamp === undefined || given === undefined) return false;
  if (!/^\d{1,12}$/u.test(timestamp)) return false;
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > toleranceSeconds) return false;
  const expected = createHmac("sha256", standardKey(secret)).update(`${id}.${timestamp}.`).update(body).digest();
  return given
    .split(" ")
    .filter((each) => each.startsWith("v1,"))
    .some((each) => isSame(Buffer.from(each.slice(3), "base64"), expected));
}

/** A secret in the standard's form is base64 behind `whsec_`; any other one is taken as it stands. */
function standardKey(secret: string): Buffer {
  return secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);
}

function isHexHmac(secret: string, body: Uint8Array, given: string | undefined): boolean {
  const hex = given?.trim().replace(/^sha256=/u, "") ?? "";
  if (!/^[0-9a-f]{64}$/iu.test(hex)) return false;
  return isSame(Buffer.from(hex, "hex"), createHmac("sha256", secret).update(body).digest());
}

function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function refused(what: string): PlatosError {
  return new PlatosError("webhook.not_signed", `${what}, so it was not taken. What waits for it still waits.`);
}
