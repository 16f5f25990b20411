import { QueryClientProvider } from "@tanstack/react-query";
import type { ReactElement } from "react";

import { Announcer } from "../announce/announcer.tsx";
import { queryClient } from "./query-client.ts";
import { AppRouter } from "./router.tsx";

export function App(): ReactElement {
  return (
    <QueryClientProvider client={queryClient}>
      <AppRouter />
      <Announcer />
    </QueryClientProvider>
  );
}
