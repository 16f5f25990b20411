import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import type { PendingMessage } from "./pending-message.ts";
import { sendMessage } from "./send-message.ts";

export interface Sending {
  readonly pending: readonly PendingMessage[];
  readonly send: (text: string, sentAfterSeq: number) => void;
  readonly retry: (message: PendingMessage) => void;
  readonly discard: (message: PendingMessage) => void;
}

/** Messages appear at once, before the server has them; one that was not taken stays and can be sent again. */
export function useSending(threadId: string): Sending {
  const [pending, setPending] = useState<readonly PendingMessage[]>([]);
  const change = (key: string, fields: Partial<PendingMessage>): void =>
    setPending((all) => all.map((message) => (message.key === key ? { ...message, ...fields } : message)));
  const post = useMutation({
    mutationFn: ({ text, key }: PendingMessage) => sendMessage({ threadId, text, idempotencyKey: key }),
    onSuccess: ({ messageId }, { key }) => change(key, { messageId }),
    onError: (error, { key }) => change(key, { error: error.message }),
  });
  return {
    pending,
    send: (text, sentAfterSeq) => {
      const message = { key: newKey(), text, sentAfterSeq, messageId: null, error: null };
      setPending((all) => [...all, message]);
      post.mutate(message);
    },
    retry: (message) => {
      change(message.key, { error: null });
      post.mutate(message);
    },
    discard: (message) => setPending((all) => all.filter(({ key }) => key !== message.key)),
  };
}

/** `crypto.randomUUID` exists in secure contexts only; this works on any page. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
