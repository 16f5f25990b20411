import { useSyncExternalStore } from "react";

const wide = matchMedia("(min-width: 64rem)");

/** Whether the rail has room beside the conversation. */
export function useWideScreen(): boolean {
  return useSyncExternalStore(subscribe, () => wide.matches);
}

function subscribe(listener: () => void): () => void {
  wide.addEventListener("change", listener);
  return () => wide.removeEventListener("change", listener);
}
