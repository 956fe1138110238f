// Runs before the first paint: dark where the system is dark. Also says that scripts run at all.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => { document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  apply();
  dark.addEventListener("change", apply);
  document.documentElement.classList.add("script");
})();
