/** What an element is known by when a part of the page is drawn anew. */
function nameOf(element: Element | null): string {
  if (!(element instanceof HTMLElement)) return "";
  const { testid, tab, code } = element.dataset;
  if (testid) return `[data-testid="${CSS.escape(testid)}"]`;
  if (tab) return `[data-tab="${CSS.escape(tab)}"]`;
  if (code) return `[data-code="${CSS.escape(code)}"]`;
  const name = element.getAttribute("name") ?? "";
  if (name !== "") return `[name="${CSS.escape(name)}"]`;
  const href = element.getAttribute("href") ?? "";
  return href === "" ? "" : `[href="${CSS.escape(href)}"]`;
}

/** Draws a part anew; what had the focus in it has it afterwards, if it is still there. */
export function keepingFocus(part: HTMLElement, draw: () => void): void {
  const active = document.activeElement;
  const name = part.contains(active) ? nameOf(active) : "";
  draw();
  if (name !== "" && !part.contains(document.activeElement))
    part.querySelector<HTMLElement>(name)?.focus({ preventScroll: true });
}
