type Present<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };

/** Schemas write absent members as `undefined`; the domain leaves them out. */
export function withoutAbsent<Value extends object>(value: Value): Present<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Present<Value>;
}
