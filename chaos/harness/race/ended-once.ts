import {
  type Status,
  type TerminalStatus,
  terminalMessageKind,
} from "../../../packages/platos-tasks/src/core/lifecycle.ts";
import type { RaceGround } from "./race-ground.ts";

interface EndRow {
  readonly status: Status;
  readonly kinds: string[];
  readonly ends: string[];
}

// One look at all three, so that nothing can move between them.
const text = `
  select b.status,
    array(select m.kind from platos.messages m where m.bgo_id = b.id and m.terminal) as kinds,
    array(select a.action from platos.audit_entries a
      where a.target_id = b.id and a.action in ('bgo.completed', 'bgo.failed', 'bgo.cancelled')) as ends
  from platos.platos_tasks b where b.id = $1`;

/** The terminal status in which a BGO stands; alarms unless one message of its kind and one audit entry say the same. */
export async function endedOnce(
  ground: RaceGround,
  bgoId: string,
  alarm: (sentence: string) => void,
): Promise<TerminalStatus | null> {
  const [row] = await ground.database.query<EndRow & Record<string, unknown>>(text, [bgoId]);
  if (row === undefined) {
    alarm(`${bgoId} has no row`);
    return null;
  }
  const { status, kinds, ends } = row;
  if (!isTerminalStatus(status)) {
    alarm(`${bgoId} should have ended and is ${status}`);
    return null;
  }
  if (kinds.length !== 1 || kinds[0] !== terminalMessageKind[status]) {
    alarm(`${bgoId} is ${status} and has the terminal messages [${kinds.join(", ")}]`);
  }
  if (ends.length !== 1 || ends[0] !== `bgo.${status}`) {
    alarm(`${bgoId} is ${status} and its audit tells the ends [${ends.join(", ")}]`);
  }
  return status;
}

function isTerminalStatus(status: Status): status is TerminalStatus {
  return status in terminalMessageKind;
}
