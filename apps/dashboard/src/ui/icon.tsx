import type { ReactElement } from "react";

/** Drawn on a 16 × 16 grid, as lines 1.5 wide. */
const paths = {
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 5v3.2l2 1.4",
  calendar:
    "M3 3.5h10a.5.5 0 0 1 .5.5v9a.5.5 0 0 1-.5.5H3a.5.5 0 0 1-.5-.5V4a.5.5 0 0 1 .5-.5ZM2.5 6.8h11M5.5 2v2.6M10.5 2v2.6",
  play: "M5.2 3.4v9.2L12.4 8Z",
  hourglass:
    "M4 2.5h8M4 13.5h8M5.2 2.5v1.8c0 1.6 2.8 2.5 2.8 3.7s-2.8 2.1-2.8 3.7v1.8M10.8 2.5v1.8c0 1.6-2.8 2.5-2.8 3.7s2.8 2.1 2.8 3.7v1.8",
  check: "m3.2 8.6 3.1 3.1 6.5-7.2",
  cross: "m4.2 4.2 7.6 7.6M11.8 4.2l-7.6 7.6",
  slash: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM3.9 12.1l8.2-8.2",
  plus: "M8 3.2v9.6M3.2 8h9.6",
  "arrow-up": "M8 13V3.4M3.8 7.4 8 3.2l4.2 4.2",
  "arrow-down": "M8 3v9.6M3.8 8.6 8 12.8l4.2-4.2",
  "chevron-right": "m6.2 3.8 4.2 4.2-4.2 4.2",
  "chevron-left": "M9.8 3.8 5.6 8l4.2 4.2",
  copy: "M6 5.5h6.5a.5.5 0 0 1 .5.5v7a.5.5 0 0 1-.5.5H6a.5.5 0 0 1-.5-.5V6a.5.5 0 0 1 .5-.5ZM3.2 10.5V3a.5.5 0 0 1 .5-.5h6.8",
  download: "M8 2.8v7.4M4.8 7.2 8 10.4l3.2-3.2M2.8 13.2h10.4",
  file: "M4 2.2h5l3.2 3.2v8.4H4ZM9 2.2v3.2h3.2",
  search: "M7.2 12a4.8 4.8 0 1 0 0-9.6 4.8 4.8 0 0 0 0 9.6ZM10.8 10.8l3 3",
  threads: "M2.5 3.5h11v7.6H8.2l-3 2.6v-2.6H2.5Z",
  layers: "m8 2.4 5.8 3L8 8.4l-5.8-3ZM2.4 8.4 8 11.2l5.6-2.8M2.4 11 8 13.8l5.6-2.8",
  tool: "M9.6 2.9a3.4 3.4 0 0 1 3.3 4.6 3.4 3.4 0 0 1-4.2 1.9l-4 4a1.3 1.3 0 0 1-1.9-1.9l4-4a3.4 3.4 0 0 1 4.3-4.4L9 5.2 10.8 7l2-2",
  panel: "M3 3h10a.8.8 0 0 1 .8.8v8.4a.8.8 0 0 1-.8.8H3a.8.8 0 0 1-.8-.8V3.8A.8.8 0 0 1 3 3ZM9.8 3v10",
  sliders:
    "M2.5 5h4.2M10.3 5h3.2M2.5 11h3.2M9.3 11h4.2M8.5 6.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6ZM7.5 12.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z",
  question: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.3 6.4A1.8 1.8 0 1 1 8 8.3v.6M8 11.1v.1",
  retry: "M13 8a5 5 0 1 1-1.5-3.6L13 5.8M13 2.8v3h-3",
} as const;

export type IconName = keyof typeof paths;

export interface IconProps {
  readonly name: IconName;
  readonly size?: number;
  readonly className?: string;
}

/** Decoration only: the word beside it carries the meaning. */
export function Icon({ name, size = 16, className = "" }: IconProps): ReactElement {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill={name === "play" ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={`shrink-0 ${className}`}
    >
      <path d={paths[name]} />
    </svg>
  );
}
