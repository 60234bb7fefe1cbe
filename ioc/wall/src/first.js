// Stands in the head of every page and runs before it is painted: a page that is light for one moment dazzles a dark room.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("ioc.theme");
  } catch {
    // Storage may be forbidden: then the page is dark.
  }
  const light =
    chosen === "light" || (chosen === "system" && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = light ? "light" : "dark";
})();
