/** Element ids by which a BGO's card and its result, a question and its answer find each other. */
export function bgoCardId(bgoId: string): string {
  return `card-${bgoId}`;
}

export function resultId(bgoId: string): string {
  return `result-${bgoId}`;
}

export function questionId(waitpointId: string): string {
  return `question-${waitpointId}`;
}

/** Scrolls to an element and puts the focus there. */
export function goToElement(id: string): void {
  const element = document.getElementById(id);
  element?.scrollIntoView({ block: "center" });
  element?.focus({ preventScroll: true });
}
