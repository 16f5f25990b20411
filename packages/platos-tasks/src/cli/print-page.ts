import type { Page } from "@platos-tasks/client";
import type { Terminal } from "./terminal.ts";

/** One page of a list, as a table or as the API gives it, and how to get the next one. */
export function printPage<Item>(
  terminal: Terminal,
  page: Page<Item>,
  as: { readonly isJson: boolean; readonly table: (items: readonly Item[]) => string; readonly none: string },
): void {
  if (as.isJson) {
    terminal.print(JSON.stringify(page, null, 2));
    return;
  }
  terminal.print(page.items.length === 0 ? as.none : as.table(page.items));
  if (page.nextCursor !== null) terminal.complain(`There are more: --cursor ${page.nextCursor}`);
}
