/** How bright the pages are: this reader's choice on this machine. `first.js` follows it before anything is painted. */

export const CHOICES = ["dark", "light", "system"] as const;
export type Choice = (typeof CHOICES)[number];

const STORED = "ioc.theme";
const LIGHT = "(prefers-color-scheme: light)";
const listeners = new Set<() => void>();

/** Dark where nobody has chosen: a control room is. Storage may be forbidden. */
function stored(): Choice {
  try {
    const found = localStorage.getItem(STORED);
    return CHOICES.find((one) => one === found) ?? "dark";
  } catch {
    return "dark";
  }
}

let current = stored();

export function theme(): Choice {
  return current;
}

/** Whether a choice is a light page, where the system says `systemLight`. */
export function isLight(choice: Choice, systemLight: boolean): boolean {
  return choice === "light" || (choice === "system" && systemLight);
}

function follow(): void {
  document.documentElement.dataset.theme = isLight(current, matchMedia(LIGHT).matches) ? "light" : "dark";
  for (const listener of listeners) listener();
}

export function chooseTheme(choice: Choice): void {
  current = choice;
  try {
    localStorage.setItem(STORED, choice);
  } catch {
    // The choice then lasts until the page closes.
  }
  follow();
}

/** Dark, light, as the system says, and dark again. */
export function nextTheme(): void {
  chooseTheme(CHOICES[(CHOICES.indexOf(current) + 1) % CHOICES.length] ?? "dark");
}

/** Tells of every change: by the reader, in another page of the browser, or of the system. */
export function onTheme(listener: () => void): void {
  if (listeners.size === 0) watch();
  listeners.add(listener);
}

function watch(): void {
  matchMedia(LIGHT).addEventListener("change", follow);
  addEventListener("storage", ({ key }) => {
    if (key !== STORED && key !== null) return;
    current = stored();
    follow();
  });
}
