import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import { buildConnector } from "undici";
import type { AllowList, Target } from "./allow-list.ts";
import { normalHost } from "./allow-list.ts";
import { checkAddress } from "./checked-url.ts";
import type { NameLookup } from "./name-lookup.ts";

export interface ConnectorRules {
  readonly allowList: AllowList;
  readonly lookup: NameLookup;
  readonly connectTimeoutMs: number;
}

/**
 * Opens sockets only to checked addresses. The check sits in the name look-up of the connection itself, so a name
 * that answers differently a moment later gains nothing: the addresses checked are the addresses connected to.
 */
export function createGuardedConnector(rules: ConnectorRules): buildConnector.connector {
  return (options, callback) => {
    const target: Target = {
      host: normalHost(options.hostname),
      port: Number(options.port || (options.protocol === "https:" ? 443 : 80)),
    };
    try {
      // Node looks no name up for an address literal.
      if (isIP(target.host) !== 0) checkAddress(target, target.host, rules.allowList);
    } catch (error) {
      callback(toError(error), null);
      return;
    }
    const connect = buildConnector({
      allowH2: false,
      timeout: rules.connectTimeoutMs,
      lookup: guardedLookup(target, rules),
    });
    connect(options, callback);
  };
}

function guardedLookup(target: Target, rules: ConnectorRules): LookupFunction {
  return (hostname, options, callback) => {
    const resolve = async (): Promise<readonly string[]> => {
      const addresses = await rules.lookup(hostname);
      // One bad answer spoils all: a name that mixes public and private addresses is an attack or a mistake.
      for (const address of addresses) checkAddress(target, address, rules.allowList);
      return addresses;
    };
    resolve().then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }));
        const [first] = found;
        if (first === undefined) callback(notFound(hostname), "");
        else if (options.all === true) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(toError(error), ""),
    );
  };
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`No address for ${hostname}`), { code: "ENOTFOUND" });
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
