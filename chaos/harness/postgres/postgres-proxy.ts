import { createServer, type AddressInfo } from "node:net";
import type { FailsStatement } from "./failing-statements.ts";
import { type PostgresFault, PostgresLink } from "./postgres-link.ts";

export type { PostgresFault } from "./postgres-link.ts";

/** Which acknowledgements are meant: of `COMMIT`, of a writing statement that commits by itself, or of both. */
export type Acknowledgement = "commit" | "statement" | "any";

/** Stands between one process and its Postgres. */
export interface PostgresProxy {
  /** The server's address with the proxy's host and port in it. */
  readonly url: string;
  /**
   * What happens from now on to every link, old and new, or to those of clients that call themselves so. Links that a
   * black hole has eaten from are reset.
   */
  set(fault: PostgresFault, of?: { readonly applicationName: string }): void;
  /** Which statements fail from now on in place of being done; null: none any more. */
  failStatements(fails: FailsStatement | null): void;
  /** New sessions are refused with this SQLSTATE from now on; null: none any more. */
  refuseSessions(sqlState: string | null): void;
  /** Resets every link there is; new ones may be made. */
  reset(): void;
  /**
   * Acknowledged-error-after-commit: the next `count` times that the server has committed, the link is reset before
   * the client hears of it. Zero stops it.
   */
  loseAcknowledgements(count: number, of?: Acknowledgement): void;
  readonly lostAcknowledgements: number;
  /** The ports that the server knows its clients by. */
  readonly ports: readonly number[];
  close(): Promise<void>;
}

const pass: PostgresFault = { kind: "pass" };

export async function startPostgresProxy(target: string): Promise<PostgresProxy> {
  const to = new URL(target);
  const links = new Set<PostgresLink>();
  let fault = pass;
  let faulty: string | null = null;
  let fails: FailsStatement | null = null;
  let refusal: string | null = null;
  let losing: { left: number; readonly of: Acknowledgement } = { left: 0, of: "any" };
  let lost = 0;
  const rules = {
    fault: (applicationName: string) => (faulty === null || faulty === applicationName ? fault : pass),
    refusesSession: () => refusal,
    failsStatement: (text: string) => fails?.(text) ?? null,
    losesAcknowledgement(of: "commit" | "statement"): boolean {
      if (losing.left === 0 || (losing.of !== "any" && losing.of !== of)) return false;
      losing.left -= 1;
      lost += 1;
      return true;
    },
  };
  const server = createServer((inner) => {
    const link = new PostgresLink({
      inner,
      host: to.hostname,
      port: Number(to.port),
      rules,
      onClosed: () => links.delete(link),
    });
    links.add(link);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  const resetAll = (which: (link: PostgresLink) => boolean): void => {
    for (const link of links) if (which(link)) link.reset();
  };
  return {
    url: url.href,
    set(next, of) {
      fault = next;
      faulty = of?.applicationName ?? null;
      resetAll((link) => link.hasSwallowed && next.kind !== "blackhole");
      for (const link of links) link.release();
    },
    failStatements(next) {
      fails = next;
    },
    refuseSessions(sqlState) {
      refusal = sqlState;
    },
    reset: () => resetAll(() => true),
    loseAcknowledgements(count, of = "any") {
      losing = { left: count, of };
    },
    get lostAcknowledgements() {
      return lost;
    },
    get ports() {
      return [...links].flatMap((link) => link.port ?? []);
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      resetAll(() => true);
      await closed;
    },
  };
}
