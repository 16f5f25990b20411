import { createHash } from "node:crypto";

/** The look of the dashboard: the same colours, in both themes. */
export const pageStyle = `
:root{color-scheme:light;--canvas:#fff;--surface:#faf9f7;--line:#e8e6e1;--field:#8c8982;--ink:#1c1b18;--ink-2:#504e48;
--accent:#4b45c6;--accent-hover:#3c37a8;--accent-ink:#fff;--failed:#ae241c;--failed-soft:#fceceb;--sunken:#f4f3f0}
@media (prefers-color-scheme:dark){:root{color-scheme:dark;--canvas:#141413;--surface:#191918;--line:#2b2b28;
--field:#7b7a73;--ink:#edece7;--ink-2:#b9b8b0;--accent:#a8a4ff;--accent-hover:#bfbcff;--accent-ink:#16152e;
--failed:#f69f97;--failed-soft:#3b1714;--sunken:#232321}}
*{box-sizing:border-box}
form{margin:0 0 1.5rem}
body{margin:0;background:var(--canvas);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:38rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.25rem;line-height:1.4;margin:0 0 1rem}
.asked{background:var(--surface);border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:0 0 1.5rem;
white-space:pre-wrap;overflow-wrap:anywhere}
.hint,.small{color:var(--ink-2);font-size:.875rem;margin:.25rem 0;overflow-wrap:anywhere}
.field{border:0;margin:0 0 1.25rem;padding:0;min-width:0}
label,legend{font-weight:600;padding:0;overflow-wrap:anywhere}
.option{display:flex;gap:.5rem;align-items:baseline;font-weight:400;padding:.375rem 0}
input:not([type=radio]):not([type=checkbox]),textarea,select{display:block;width:100%;margin-top:.25rem;padding:.5rem .625rem;
font:inherit;color:inherit;background:var(--canvas);border:1px solid var(--field);border-radius:.375rem}
textarea{min-height:7rem}
.code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-size:.875rem}
pre{background:var(--sunken);border-radius:.375rem;padding:.75rem;margin:.5rem 0 1rem;white-space:pre-wrap;overflow-wrap:anywhere}
[aria-invalid=true]{border-color:var(--failed)!important}
.error{color:var(--failed);margin:.25rem 0;font-size:.875rem}
.errors{background:var(--failed-soft);border-radius:.5rem;padding:.75rem 1rem;margin:0 0 1.5rem}
.errors a{color:var(--failed)}
.errors ul{margin:.25rem 0 0;padding-left:1.25rem}
button{font:inherit;font-weight:600;min-height:2.75rem;padding:.5rem 1.25rem;border:1px solid var(--accent);border-radius:.375rem;
background:var(--accent);color:var(--accent-ink);cursor:pointer}
button:hover{background:var(--accent-hover)}
button.second{background:transparent;color:var(--accent)}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
`;

const styleHash = createHash("sha256").update(pageStyle).digest("base64");

/** No script, nothing from elsewhere, and no style but this one. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");
