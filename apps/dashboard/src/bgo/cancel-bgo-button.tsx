import type { Bgo } from "@platos-tasks/client";
import { isTerminal, titleOfBgo } from "@platos-tasks/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";

import { announce } from "../announce/announcement.ts";
import { useLive } from "../live/live-context.ts";
import { Button } from "../ui/button.tsx";
import { cancelBgo, cancelOutcomeWords } from "./cancel-bgo.ts";
import { getBgoQuery } from "./get-bgo.ts";

/** Stops a BGO and says what came of it. Gone once the BGO has ended. */
export function CancelBgoButton({ bgo }: { readonly bgo: Bgo }): ReactElement | null {
  const { store } = useLive();
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelBgo(bgo.id),
    onSuccess: (outcome) => {
      announce(`${titleOfBgo(bgo)}: ${cancelOutcomeWords[outcome]}`);
      // The event brings the row as well; this one holds when the stream is down.
      return queryClient.fetchQuery({ ...getBgoQuery(store, bgo.id), staleTime: 0 });
    },
    onError: (error) => announce(`Cancel failed. ${error.message}`),
  });
  if (isTerminal(bgo.status)) return null;
  return (
    <>
      {cancel.error !== null && (
        <span role="alert" className="text-xs text-failed">
          {cancel.error.message}
        </span>
      )}
      <Button
        size="small"
        kind="secondary"
        disabled={cancel.isPending}
        aria-label={`Cancel ${titleOfBgo(bgo)}`}
        onClick={() => cancel.mutate()}
      >
        {cancel.isPending ? "Cancelling…" : "Cancel"}
      </Button>
    </>
  );
}
