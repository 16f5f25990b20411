import { useSyncExternalStore } from "react";

/** `system` follows the device. The first paint is done by `public/theme.js`; this keeps it true afterwards. */
export type Theme = "system" | "light" | "dark";

const storageKey = "platos.theme";
const listeners = new Set<() => void>();
const dark = matchMedia("(prefers-color-scheme: dark)");

let theme = storedTheme();
dark.addEventListener("change", paint);

export function useTheme(): readonly [Theme, (next: Theme) => void] {
  return [useSyncExternalStore(subscribe, () => theme), setTheme];
}

function setTheme(next: Theme): void {
  theme = next;
  try {
    localStorage.setItem(storageKey, next);
  } catch {
    // No storage in this browser: the choice holds until the page is left.
  }
  paint();
  for (const listener of listeners) listener();
}

function paint(): void {
  const isDark = theme === "dark" || (theme === "system" && dark.matches);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
}

function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
