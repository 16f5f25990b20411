// Runs before the first paint, so that a dark page never flashes white. Its twin for later changes: src/app/theme.ts.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("platos.theme");
  } catch {
    // No storage in this browser: the system decides.
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
