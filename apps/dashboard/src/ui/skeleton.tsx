import { useEffect, useState } from "react";
import type { ReactElement } from "react";

const patienceMs = 150;

/** The shape of lines to come, after a moment: a fast answer never flashes it. */
export function SkeletonRows({ count, label }: { readonly count: number; readonly label: string }): ReactElement {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" className={shown ? "" : "invisible"}>
      <span className="sr-only">{label}</span>
      {Array.from({ length: count }, (_unused, index) => (
        <div key={index} className="flex h-11 items-center gap-4 border-b border-line px-4">
          <span className="h-4 w-20 rounded bg-sunken" />
          <span className="h-3 flex-1 rounded bg-sunken" />
          <span className="hidden h-3 w-16 rounded bg-sunken sm:block" />
        </div>
      ))}
    </div>
  );
}
