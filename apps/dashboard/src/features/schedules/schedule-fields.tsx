import { useId, useMemo } from "react";
import type { ReactElement, ReactNode } from "react";

import { useAgents } from "../../agent/list-agents.ts";
import { useThreadTitles } from "../../thread/list-threads.ts";
import { fieldClass, growingClass } from "../../ui/field-look.ts";
import type { ScheduleDraft } from "./schedule-draft.ts";
import { missedWords, overlapWords } from "./schedule-words.ts";

export interface ScheduleFieldsProps {
  readonly draft: ScheduleDraft;
  readonly onChange: (draft: ScheduleDraft) => void;
}

export function ScheduleFields({ draft, onChange }: ScheduleFieldsProps): ReactElement {
  const set = (fields: Partial<ScheduleDraft>): void => onChange({ ...draft, ...fields });
  return (
    <div className="flex flex-col gap-3">
      <Field label="What is to be done?">
        {(id) => (
          <textarea
            id={id}
            required
            autoFocus
            rows={2}
            value={draft.prompt}
            onChange={({ target }) => set({ prompt: target.value })}
            className={growingClass}
          />
        )}
      </Field>
      <Field label="Name" hint="A few words for people. Optional.">
        {(id) => (
          <input
            id={id}
            maxLength={200}
            value={draft.label}
            aria-describedby={`${id}-hint`}
            onChange={({ target }) => set({ label: target.value })}
            className={fieldClass}
          />
        )}
      </Field>
      <PlaceFields draft={draft} set={set} />
      <TimeFields draft={draft} set={set} />
      <PolicyFields draft={draft} set={set} />
    </div>
  );
}

interface GroupProps {
  readonly draft: ScheduleDraft;
  readonly set: (fields: Partial<ScheduleDraft>) => void;
}

function PlaceFields({ draft, set }: GroupProps): ReactElement {
  const { data: agents } = useAgents();
  const titles = useThreadTitles();
  return (
    <>
      <Field label="Where do the results go?">
        {(id) => (
          <select
            id={id}
            value={draft.threadId}
            onChange={({ target }) => set({ threadId: target.value })}
            className={fieldClass}
          >
            <option value="">Into a new thread</option>
            {[...titles].map(([threadId, title]) => (
              <option key={threadId} value={threadId}>
                {title}
              </option>
            ))}
          </select>
        )}
      </Field>
      {draft.threadId === "" && (
        <Field label="Agent">
          {(id) => (
            <select
              id={id}
              value={draft.agent}
              onChange={({ target }) => set({ agent: target.value })}
              className={fieldClass}
            >
              {agents?.map(({ slug, name }) => (
                <option key={slug} value={slug}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
    </>
  );
}

function TimeFields({ draft, set }: GroupProps): ReactElement {
  const zonesId = useId();
  const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone")], []);
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="When (cron)" hint="Minute, hour, day, month, weekday: 0 9 * * 1-5 is nine on workdays.">
        {(id) => (
          <input
            id={id}
            required
            spellCheck={false}
            autoComplete="off"
            value={draft.cron}
            aria-describedby={`${id}-hint`}
            onChange={({ target }) => set({ cron: target.value })}
            className={`${fieldClass} font-mono`}
          />
        )}
      </Field>
      <Field label="Time zone" hint="The clock that the hours are read on.">
        {(id) => (
          <>
            <input
              id={id}
              required
              list={zonesId}
              spellCheck={false}
              autoComplete="off"
              value={draft.timeZone}
              aria-describedby={`${id}-hint`}
              onChange={({ target }) => set({ timeZone: target.value })}
              className={fieldClass}
            />
            <datalist id={zonesId}>
              {zones.map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </datalist>
          </>
        )}
      </Field>
    </div>
  );
}

function PolicyFields({ draft, set }: GroupProps): ReactElement {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="If an earlier one still runs">
        {(id) => <Choice id={id} words={overlapWords} value={draft.overlap} onChange={(overlap) => set({ overlap })} />}
      </Field>
      <Field label="Fires that were missed">
        {(id) => <Choice id={id} words={missedWords} value={draft.missed} onChange={(missed) => set({ missed })} />}
      </Field>
      {draft.missed === "all" && (
        <Field label="At most">
          {(id) => (
            <input
              id={id}
              required
              inputMode="numeric"
              pattern="[0-9]{1,3}"
              title="A number"
              value={draft.maxMissed}
              onChange={({ target }) => set({ maxMissed: target.value })}
              className={fieldClass}
            />
          )}
        </Field>
      )}
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  readonly id: string;
  readonly words: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

function Choice<Value extends string>({ id, words, value, onChange }: ChoiceProps<Value>): ReactElement {
  const values = Object.keys(words) as Value[];
  return (
    <select
      id={id}
      value={value}
      onChange={({ target }) => onChange(values.find((each) => each === target.value) ?? value)}
      className={fieldClass}
    >
      {values.map((each) => (
        <option key={each} value={each}>
          {words[each]}
        </option>
      ))}
    </select>
  );
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  /** Gets the field's id; its hint has the same with `-hint`. */
  readonly children: (id: string) => ReactNode;
}

function Field({ label, hint, children }: FieldProps): ReactElement {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      {children(id)}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-xs text-ink-3">
          {hint}
        </p>
      )}
    </div>
  );
}
