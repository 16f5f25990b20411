import type { ReactElement } from "react";

import { deleteSession } from "../features/session/delete-session.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { useTheme } from "./theme.ts";
import type { Theme } from "./theme.ts";

const themes: readonly { readonly value: Theme; readonly label: string }[] = [
  { value: "system", label: "System" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

/** Theme and sign-out, in the browser's own popover: it closes by Escape and by a click elsewhere. */
export function Preferences(): ReactElement {
  const [theme, setTheme] = useTheme();
  return (
    <>
      <button
        type="button"
        popoverTarget="preferences"
        aria-label="Preferences"
        title="Preferences"
        className="grid size-8 place-items-center rounded-md text-ink-2 hover:bg-hover hover:text-ink"
      >
        <Icon name="sliders" />
      </button>
      <div
        id="preferences"
        popover="auto"
        className="fixed inset-auto top-12 right-2 w-56 rounded-lg border border-line bg-raised p-3 text-ink shadow-xl md:top-auto md:right-auto md:bottom-12 md:left-3"
      >
        <fieldset>
          <legend className="mb-1.5 text-xs font-medium text-ink-2">Theme</legend>
          <div className="grid grid-cols-3 rounded-md bg-sunken p-0.5">
            {themes.map(({ value, label }) => (
              <label
                key={value}
                className="grid h-7 cursor-pointer place-items-center rounded-[5px] text-xs text-ink-2 has-checked:bg-raised has-checked:font-medium has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-accent"
              >
                <input
                  type="radio"
                  name="theme"
                  value={value}
                  checked={theme === value}
                  onChange={() => setTheme(value)}
                  className="sr-only"
                />
                {label}
              </label>
            ))}
          </div>
        </fieldset>
        <Button kind="quiet" size="small" className="mt-3 w-full" onClick={() => void deleteSession()}>
          Sign out
        </Button>
      </div>
    </>
  );
}
