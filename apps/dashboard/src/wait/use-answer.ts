import { PlatosApiError } from "@platos-tasks/client";
import type { Waitpoint } from "@platos-tasks/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { announce } from "../announce/announcement.ts";
import { useLive } from "../live/live-context.ts";
import { answerWait } from "./answer-wait.ts";
import type { WaitAnswer } from "./answer-wait.ts";
import { waitQuery } from "./list-waits.ts";

/** What the forms of a wait send their answers through. */
export interface Answering {
  readonly send: (answer: WaitAnswer) => void;
  readonly isPending: boolean;
  /** Why the last answer was not taken. */
  readonly error: Error | null;
  readonly forgetError: () => void;
}

/** `onAnswered` is called when an answer from here was taken. */
export function useAnswer(waitpoint: Pick<Waitpoint, "id">, onAnswered: () => void): Answering {
  const { store } = useLive();
  const queryClient = useQueryClient();
  const { id } = waitpoint;
  const mutation = useMutation({
    mutationFn: async (answer: WaitAnswer) => {
      const asOf = store.waitpoints.clock();
      const row = await answerWait(id, answer);
      if (row !== null) store.waitpoints.putSnapshot([row], asOf);
    },
    onSuccess: () => {
      announce("Your answer was sent.");
      onAnswered();
    },
    // Too late: what happened instead is shown beside what was typed.
    onError: (error) =>
      isTooLate(error) ? queryClient.fetchQuery({ ...waitQuery(store, id), staleTime: 0 }).catch(() => null) : null,
  });
  return {
    send: mutation.mutate,
    isPending: mutation.isPending,
    error: mutation.error,
    forgetError: mutation.reset,
  };
}

function isTooLate(error: Error): boolean {
  return error instanceof PlatosApiError && [404, 409, 410].includes(error.status);
}
