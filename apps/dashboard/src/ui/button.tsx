import type { ButtonHTMLAttributes, ReactElement } from "react";

export type ButtonKind = "primary" | "secondary" | "quiet" | "danger";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: ButtonKind;
  readonly size?: "small" | "medium";
}

const sizes = { small: "h-7 px-2 text-xs gap-1", medium: "h-8 px-3 text-sm gap-1.5" } as const;

const kinds: Readonly<Record<ButtonKind, string>> = {
  primary: "bg-accent text-accent-ink hover:bg-accent-hover border-transparent",
  secondary: "bg-raised text-ink border-line-strong hover:bg-hover",
  quiet: "text-ink-2 border-transparent hover:bg-hover hover:text-ink",
  danger: "bg-raised text-failed border-line-strong hover:bg-failed-soft",
};

/** The look of a button, also for links that act like one. */
export function buttonClass(kind: ButtonKind = "secondary", size: "small" | "medium" = "medium"): string {
  return `inline-flex items-center justify-center rounded-md border font-medium whitespace-nowrap transition-colors disabled:opacity-55 ${sizes[size]} ${kinds[kind]}`;
}

export function Button({ kind, size, className = "", ...rest }: ButtonProps): ReactElement {
  return <button type="button" className={`${buttonClass(kind, size)} ${className}`} {...rest} />;
}
