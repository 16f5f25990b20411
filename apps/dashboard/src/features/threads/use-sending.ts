import { PlatosApiError } from "@platos-tasks/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { newMessageKey, sendMessage } from "../../thread/send-message.ts";
import { sentAgain } from "./pending-message.ts";
import type { PendingMessage } from "./pending-message.ts";

export interface Sending {
  readonly pending: readonly PendingMessage[];
  readonly send: (message: Pick<PendingMessage, "text" | "sentAfterSeq" | "inReplyTo">) => void;
  /** Sends it again; `inReplyTo` is what the next message answers now. */
  readonly retry: (message: PendingMessage, inReplyTo: string | null) => void;
  readonly discard: (message: PendingMessage) => void;
}

/** Messages appear at once, before the server has them; one that was not taken stays and can be sent again. */
export function useSending(threadId: string): Sending {
  const [pending, setPending] = useState<readonly PendingMessage[]>([]);
  const change = (key: string, fields: Partial<PendingMessage>): void =>
    setPending((all) => all.map((message) => (message.key === key ? { ...message, ...fields } : message)));
  const post = useMutation({
    mutationFn: ({ text, inReplyTo, key }: PendingMessage) =>
      sendMessage({ threadId, text, inReplyTo, idempotencyKey: key }),
    onSuccess: ({ messageId }, { key }) => change(key, { messageId }),
    onError: (error, { key }) => change(key, { error: error.message, isRefused: isRefusal(error) }),
  });
  return {
    pending,
    send: (given) => {
      const message = { ...given, key: newMessageKey(), messageId: null, error: null, isRefused: false };
      setPending((all) => [...all, message]);
      post.mutate(message);
    },
    retry: (message, inReplyTo) => {
      const again = sentAgain(message, { inReplyTo, key: newMessageKey() });
      change(message.key, again);
      post.mutate(again);
    },
    discard: (message) => setPending((all) => all.filter(({ key }) => key !== message.key)),
  };
}

function isRefusal(error: Error): boolean {
  return error instanceof PlatosApiError && error.status >= 400 && error.status < 500;
}
