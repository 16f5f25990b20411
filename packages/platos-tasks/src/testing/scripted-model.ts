import type { StubReply, StubReplyFunction, StubRequest } from "./openai-stub.ts";

/** Replies by turn, or a function of how many answers of the assistant the conversation holds already. */
export type ModelScript =
  | readonly StubReply[]
  | ((turn: number, request: StubRequest) => StubReply | Promise<StubReply>);

/**
 * Makes the stub play a script. What is said depends on the conversation alone, so a call that is made again after a
 * crash gets the same answer. A conversation that runs past the end of the script is refused with a 400.
 */
export function scriptedReply(script: ModelScript): StubReplyFunction {
  return (request) => {
    if (typeof script === "function") return script(request.assistantTurns, request);
    const reply = script[request.assistantTurns];
    if (reply === undefined) throw new Error(`The script has no turn ${request.assistantTurns}; it ends before.`);
    return reply;
  };
}

/** Plays a different reply for each request, whatever the conversation; the last one goes on for ever. */
export function repliesInOrder(replies: readonly StubReply[]): StubReplyFunction {
  return (request) => {
    const reply = replies[Math.min(request.index, replies.length - 1)];
    if (reply === undefined) throw new Error("The stub was given no reply.");
    return reply;
  };
}
