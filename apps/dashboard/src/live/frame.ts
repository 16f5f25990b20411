const hiddenPageMs = 250;

/** Runs `flush` with the next frame; a page in the background has no frames and gets a timer instead. */
export function scheduleFrame(flush: () => void): void {
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    flush();
  };
  requestAnimationFrame(once);
  setTimeout(once, hiddenPageMs);
}
