import type { ModelPort, ModelRequest } from "../core/ports/model.ts";
import type { AssistantPart, ModelResponse, TranscriptEntry } from "../core/transcript.ts";

/** Decides the answer to one request; `turn` counts the answers that the conversation holds after its opening. */
export type Answer = (
  turn: number,
  request: ModelRequest,
) => readonly AssistantPart[] | Error | Promise<readonly AssistantPart[] | Error>;

/**
 * A model port for a whole test file: each test registers what is said to conversations that contain its key, so that
 * tests on one runtime do not meet. What no test has registered is answered with "ok".
 */
export class SwitchboardModel implements ModelPort {
  readonly requests: ModelRequest[] = [];
  readonly #answers = new Map<string, Answer>();

  /** Answers by turn, the last one for ever; or a function. */
  on(key: string, answer: Answer | readonly (readonly AssistantPart[])[]): void {
    this.#answers.set(key, typeof answer === "function" ? answer : (turn) => answer[turn] ?? answer.at(-1) ?? []);
  }

  requestsWith(key: string): readonly ModelRequest[] {
    return this.requests.filter((request) => keyPlace(request.transcript, key) >= 0);
  }

  async respond(request: ModelRequest): Promise<ModelResponse> {
    request.signal.throwIfAborted();
    this.requests.push(request);
    const answered = await this.#decide(request);
    if (answered instanceof Error) throw answered;
    const hasCalls = answered.some((part) => part.type === "tool_call");
    return {
      parts: answered,
      finishReason: hasCalls ? "tool_calls" : "stop",
      usage: { inputTokens: 10, outputTokens: 5, costUsd: 0 },
      model: "switchboard",
      durationMs: 1,
    };
  }

  async #decide(request: ModelRequest): Promise<readonly AssistantPart[] | Error> {
    const [match] = [...this.#answers.keys()]
      .map((key) => ({ key, place: keyPlace(request.transcript, key) }))
      .filter(({ place }) => place >= 0)
      .map(({ key, place }) => ({ key, place, within: textAt(request.transcript, place).lastIndexOf(key) }))
      .toSorted((left, right) => right.place - left.place || right.within - left.within);
    if (match === undefined) return [{ type: "text", text: "ok" }];
    const turn = request.transcript.slice(match.place).filter((entry) => entry.role === "assistant").length;
    const answer = this.#answers.get(match.key);
    return answer === undefined ? [] : answer(turn, request);
  }
}

function textAt(transcript: readonly TranscriptEntry[], place: number): string {
  const entry = transcript[place];
  return entry?.role === "user" ? entry.text : "";
}

/** The newest entry of a user's role that holds the key. */
function keyPlace(transcript: readonly TranscriptEntry[], key: string): number {
  return transcript.findLastIndex((entry) => entry.role === "user" && entry.text.includes(key));
}
