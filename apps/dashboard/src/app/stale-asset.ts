const reloadedKey = "platos.reloaded-at";
const pauseMs = 30_000;

/**
 * After an update of the server, files that an open page still asks for are gone: load the page anew, but never in a
 * loop.
 */
export function reloadOnStaleAsset(): void {
  addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(reloadedKey) ?? 0);
    if (Date.now() - last < pauseMs) return;
    event.preventDefault();
    sessionStorage.setItem(reloadedKey, String(Date.now()));
    location.reload();
  });
}
