import type { AcknowledgedAnswer } from "./check-promises.ts";
import { Random } from "../harness/random.ts";
import type { History } from "./history.ts";
import type { PatientClient } from "./patient-client.ts";

export interface AnsweringClientOptions {
  readonly seed: number;
  readonly client: PatientClient;
  readonly history: History;
  readonly alarms: string[];
}

/** What may come of an answer: taken, given before, or too late. */
const fairStatuses = [200, 409, 410];

/** Answers what BGOs ask the user and others: some of it twice, some too late. */
export class AnsweringClient {
  readonly acknowledged: AcknowledgedAnswer[] = [];
  readonly #seen = new Map<string, OpenQuestion>();
  readonly #options: AnsweringClientOptions;

  constructor(options: AnsweringClientOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { seed, client } = this.#options;
    const random = Random.of(seed, "answers");
    for (let count = 0; !client.isOver; count += 1) {
      await client.pause(random, 200, 800);
      const open = await this.#listOpen();
      for (const question of open) this.#seen.set(question.id, question);
      // Now and then one that may be over since.
      const choices = random.chance(0.1) ? [...this.#seen.values()] : open;
      const asked = choices[random.index(choices.length)];
      if (asked === undefined) continue;
      const values = random.chance(0.2) ? [`a${count}`, `b${count}`] : [`a${count}`];
      await Promise.all(values.map((value) => this.#answer(asked, value)));
    }
  }

  async #listOpen(): Promise<OpenQuestion[]> {
    const { client, alarms } = this.#options;
    const { status, body } = await client.ask({ method: "GET", path: "/waitpoints?status=open&limit=100" });
    if (status !== 200) alarms.push(`the list of open waits was answered ${status} ${JSON.stringify(body)}`);
    const { items } = body as { readonly items: readonly OpenQuestion[] };
    return items.filter(({ kind }) => kind === "token" || kind === "reply");
  }

  async #answer({ id, kind }: OpenQuestion, value: string): Promise<void> {
    const { client, history, alarms } = this.#options;
    const { status, body } = await client.ask({ method: "POST", path: `/waitpoints/${id}/complete`, body: { value } });
    history.add({ kind: "answer", waitpointId: id, to: kind, value, status });
    if (status === 200) this.acknowledged.push({ waitpointId: id, value });
    else if (!fairStatuses.includes(status))
      alarms.push(`I10: the answer to ${id} was answered ${status} ${JSON.stringify(body)}`);
  }
}

interface OpenQuestion {
  readonly id: string;
  readonly kind: string;
}
