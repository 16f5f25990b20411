import { html } from "hono/html";
import { PlatosError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { WaitpointRow } from "../../core/ports/store.ts";
import { type Html, nothing } from "./page-frame.ts";
import type { FormEntries } from "./read-form.ts";

// All that the page knows of approvals: what is shown, what is asked, what is sent on.

/** The call that waits, exactly as it would be made. */
export function approvalFacts({ call, args }: WaitpointRow): Html {
  return html`${call === null ? nothing : html`<p>The tool <strong class="code">${call.tool}</strong> would run with:</p>`}
    <pre class="code" dir="auto">${JSON.stringify(args, null, 2)}</pre>`;
}

export function approvalButtons({ argsHash }: WaitpointRow): Html {
  return html`<input type="hidden" name="argsHash" value="${argsHash ?? ""}" />
    <div class="field">
      <label for="reason">Reason <span class="small">(optional)</span></label>
      <textarea id="reason" name="reason"></textarea>
    </div>
    <div class="buttons">
      <button type="submit" name="decision" value="approve">Approve</button>
      <button type="submit" name="decision" value="deny" class="second">Deny</button>
    </div>`;
}

/** `{decision, reason?, argsHash}`, of the call that was shown. Errors: `input.invalid`. */
export function readApproval(entries: FormEntries): JsonObject {
  const decision = entries.get("decision")?.[0];
  const reason = entries.get("reason")?.[0]?.trim() ?? "";
  if (decision !== "approve" && decision !== "deny") {
    throw new PlatosError("input.invalid", "Choose Approve or Deny. It is still open.", {
      issues: [{ path: "decision", message: "Choose Approve or Deny." }],
    });
  }
  const argsHash = entries.get("argsHash")?.[0];
  return { decision, ...(reason === "" ? {} : { reason }), ...(argsHash === undefined ? {} : { argsHash }) };
}
